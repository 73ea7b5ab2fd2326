"""Layer curves: f of the states averaged over the sequence (paper, section 4)."""

from __future__ import annotations

import torch

from modgap_core.metrics.pairwise_cosine_similarity import unit_vectors


def cosine_similarity_of_means(speech_mean: torch.Tensor, text_mean: torch.Tensor) -> torch.Tensor:
    """f_cos of mean-pooled states (..., d) that broadcast; NaN (undefined) where a mean has length zero."""
    return (unit_vectors(speech_mean) * unit_vectors(text_mean)).sum(-1)


def euclidean_distance_of_means(speech_mean: torch.Tensor, text_mean: torch.Tensor) -> torch.Tensor:
    """f_d of mean-pooled states (..., d) that broadcast."""
    return torch.linalg.vector_norm(speech_mean.float() - text_mean.float(), dim=-1)


def mean_pooled_cosine_similarity(speech: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    """One point of the cosine layer curve: f_cos of the two means.

    Args:
        speech: (..., Ts, d) states of the speech span.
        text: (..., Tt, d) states of the transcript span.

    Returns:
        (...,) in -1..1.
    """
    return cosine_similarity_of_means(speech.float().mean(-2), text.float().mean(-2))


def mean_pooled_euclidean_distance(speech: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    """One point of the Euclidean layer curve: f_d of the two means; shapes as for the cosine."""
    return euclidean_distance_of_means(speech.float().mean(-2), text.float().mean(-2))
