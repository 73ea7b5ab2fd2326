"""Means over layers, tokens or pairs of which some are undefined (NaN)."""

from __future__ import annotations

import numpy as np

from modgap_core.metrics.layers import Values


def mean_of_defined(values: Values) -> Values:
    """Mean along the last axis over what is defined; NaN (undefined) where nothing is.

    Args:
        values: (..., n).

    Returns:
        (...,).

    Example:
        >>> import torch
        >>> mean_of_defined(torch.tensor([[0.5, float("nan"), 1.0], [float("nan")] * 3]))
        tensor([0.7500,    nan])
    """
    if not isinstance(values, np.ndarray):
        return values.nanmean(-1)
    defined = ~np.isnan(values)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN, as meant
        return np.asarray(np.where(defined, values, 0).sum(-1) / defined.sum(-1))
