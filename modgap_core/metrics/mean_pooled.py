"""Layer curves: f of the states averaged over the sequence (paper, section 4)."""

from __future__ import annotations

import torch

from modgap_core.metrics.pairwise_cosine_similarity import unit_vectors


def mean_pooled(states: torch.Tensor, is_token: torch.Tensor | None = None) -> torch.Tensor:
    """The mean state of a sequence, in float32.

    Args:
        states: (..., T, d) states of a span.
        is_token: bool (..., T), False for padding, which is left out; None where there is none.

    Returns:
        (..., d).

    Example:
        >>> states = torch.tensor([[1.0, 0.0], [3.0, 0.0], [99.0, 99.0]])
        >>> mean_pooled(states, torch.tensor([True, True, False]))
        tensor([2., 0.])
    """
    states = states.float()
    if is_token is None:
        return states.mean(-2)
    return states.masked_fill(~is_token.unsqueeze(-1), 0).sum(-2) / is_token.sum(-1, keepdim=True)


def cosine_similarity_of_means(speech_mean: torch.Tensor, text_mean: torch.Tensor) -> torch.Tensor:
    """One point of the cosine layer curve: f_cos of the mean-pooled states.

    Args:
        speech_mean: (..., d) from `mean_pooled`; the two broadcast.
        text_mean: (..., d).

    Returns:
        (...,) in -1..1; NaN (undefined) where a mean has length zero.

    Example:
        >>> cosine_similarity_of_means(torch.tensor([3.0, 4.0]), torch.tensor([2.0, 0.0]))
        tensor(0.6000)
    """
    return (unit_vectors(speech_mean) * unit_vectors(text_mean)).sum(-1)


def euclidean_distance_of_means(speech_mean: torch.Tensor, text_mean: torch.Tensor) -> torch.Tensor:
    """One point of the Euclidean layer curve: f_d of the mean-pooled states; shapes as for the cosine.

    Example:
        >>> euclidean_distance_of_means(torch.tensor([3.0, 4.0]), torch.tensor([0.0, 0.0]))
        tensor(5.)
    """
    return torch.linalg.vector_norm(speech_mean.float() - text_mean.float(), dim=-1)  # type: ignore[no-any-return]
