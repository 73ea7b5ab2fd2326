"""Similarity score of a model: the mean of a layer curve (paper, section 4)."""

from __future__ import annotations

import torch


def similarity_score(curve: torch.Tensor) -> torch.Tensor:
    """Mean of a layer curve (..., L + 1) over layers 1..L.

    Example:
        >>> similarity_score(torch.tensor([9.0, 0.25, 0.75]))
        tensor(0.5000)
    """
    return curve[..., 1:].mean(-1)
