"""Path consistency: how often cosine and distance pick the same speech token (paper, section 5.1)."""

from __future__ import annotations

import torch

from modgap_core.metrics.alignment_path import NO_PARTNER
from modgap_core.metrics.layers import Values
from modgap_core.metrics.mean_of_defined import mean_of_defined


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


def mean_path_consistency(consistencies: Values) -> Values:
    """Mean over layers 0..L (..., L + 1) of those where it is defined; NaN (undefined) where it is in none.

    Example:
        >>> mean_path_consistency(torch.tensor([1.0, float("nan"), 0.5]))
        tensor(0.7500)
    """
    return mean_of_defined(consistencies)
