"""Path consistency: how often cosine and distance pick the same speech token (paper, section 5.1)."""

from __future__ import annotations

import torch

from modgap_core.metrics.alignment_path import NO_PARTNER


def path_consistency(path_cosine: torch.Tensor, path_euclidean: torch.Tensor) -> torch.Tensor:
    """Share of text tokens for which both paths pick the same speech token.

    Args:
        path_cosine: (..., Tt).
        path_euclidean: (..., Tt).

    Returns:
        (...,) in 0..1; tokens without a partner in either path are left out, NaN (undefined) if none is left.

    Example:
        >>> path_consistency(torch.tensor([0, 2, 5, 7]), torch.tensor([0, 3, 5, 7]))
        tensor(0.7500)
    """
    counted = (path_cosine != NO_PARTNER) & (path_euclidean != NO_PARTNER)
    return ((path_cosine == path_euclidean) & counted).sum(-1) / counted.sum(-1)
