"""f_cos between every speech token and every text token: A_l for f = cos (paper, section 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def pairwise_cosine_similarity(speech: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    """Cosine similarity of all pairs of states, A[i, j] = <s_i, t_j> / (|s_i| |t_j|).

    Args:
        speech: (..., Ts, d) states; computed in float32.
        text: (..., Tt, d) states.

    Returns:
        (..., Ts, Tt) in -1..1; NaN (undefined) where either state has length zero.

    Example:
        >>> import torch
        >>> speech = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
        >>> pairwise_cosine_similarity(speech, torch.tensor([[3.0, 4.0]]))
        tensor([[0.6000],
                [   nan]])
    """
    return unit_vectors(speech) @ unit_vectors(text).mT


def unit_vectors(states: torch.Tensor) -> torch.Tensor:
    """States (..., d) divided by their lengths, in float32; NaN where the length is zero."""
    import torch

    states = states.float()
    return states / torch.linalg.vector_norm(states, dim=-1, keepdim=True)  # type: ignore[no-any-return]
