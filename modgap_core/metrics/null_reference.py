"""Null references: what the same quantity looks like where nothing belongs together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modgap_core.metrics.path import NO_PARTNER

if TYPE_CHECKING:
    import torch

_LOW, _HIGH = 5, 95


@dataclass(frozen=True)
class NullBand:
    """Mean, 5th and 95th percentile of null samples, and their number.

    Attributes:
        mean: shape of one sample.
        low: 5th percentile.
        high: 95th percentile.
        n: samples.
    """

    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: int


def null_band(samples: NDArray[Any]) -> NullBand:
    """Summarise samples (n, ...) along their first axis; undefined samples are left out.

    Args:
        samples: without any sample, or with undefined ones only, the band is undefined (NaN).
    """
    if samples.shape[0] == 0:
        undefined = np.full(samples.shape[1:], np.nan)
        return NullBand(undefined, undefined, undefined, 0)
    masked = np.ma.masked_invalid(samples.astype(np.float64))
    filled = masked.filled(np.nan)
    empty = masked.mask.all(axis=0) if np.ma.is_masked(masked) else np.zeros(samples.shape[1:], dtype=bool)
    safe = np.where(empty, 0.0, filled)
    low, high = np.nanpercentile(safe, [_LOW, _HIGH], axis=0)
    mean, low, high = (np.where(empty, np.nan, part) for part in (np.nanmean(safe, axis=0), low, high))
    return NullBand(mean, low, high, samples.shape[0])


def z_score(value: float, samples: NDArray[Any]) -> float | None:
    """Standard deviations between a value and the mean of its null; None where that is undefined.

    >>> z_score(3.0, np.array([0.0, 2.0]))
    2.0
    """
    defined = samples[np.isfinite(samples)].astype(np.float64)
    spread = defined.std() if defined.size > 1 else 0.0
    if spread == 0.0 or not np.isfinite(value):
        return None
    return float((value - defined.mean()) / spread)


def shuffled_monotonicity(path: torch.Tensor, n: int, seed: int) -> torch.Tensor:
    """Monotonicity of a path with its text tokens in random orders.

    Args:
        path: (..., Tt).
        n: how many orders; the same ones for every leading index.
        seed: of the orders.

    Returns:
        (n, ...).
    """
    from modgap_core.metrics.monotonicity import centred_ranks, monotonicity

    orders = token_orders(path.shape[-1], n, seed).to(path.device)
    if bool((path == NO_PARTNER).any()):  # the tokens that count stand elsewhere in each order
        return monotonicity(path[..., orders].movedim(-2, 0))
    x, y = centred_ranks(path)
    shuffled = (y[..., orders] * x.unsqueeze(-2)).sum(-1) / (x.norm(dim=-1) * y.norm(dim=-1)).unsqueeze(-1)
    return shuffled.movedim(-1, 0).float()  # type: ignore[no-any-return]


def token_orders(n_tokens: int, n: int, seed: int) -> torch.Tensor:
    """Random orders of text tokens, (n, Tt)."""
    import torch

    return torch.rand(n, n_tokens, generator=torch.Generator().manual_seed(seed)).argsort(-1)
