"""The checks that a comparison on the same items needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modgap_core.statistics.interval import StatisticsError
from modgap_core.statistics.standard_error import Floats


def as_scores(values: ArrayLike) -> Floats:
    """Scores as floats, once it is sure that they are fractions; NaN (no score) passes.

    Raises:
        StatisticsError: a score below 0 or above 1.
    """
    scores = np.asarray(values, dtype=float)
    wrong = scores[(scores < 0) | (scores > 1)]
    if wrong.size:
        raise StatisticsError(
            f"A score is a fraction between 0 and 1, but {wrong.flat[0]:g} came; divide percentages by 100."
        )
    return scores


def with_both(first: ArrayLike, second: ArrayLike, at_least: int = 1) -> NDArray[np.bool_]:
    """Which items have both values.

    Args:
        first: (n,), NaN where there is no value.
        second: (n,), NaN where there is no value.
        at_least: items that must be left.

    Raises:
        StatisticsError: different lengths, or fewer than ``at_least`` items are left.

    Example:
        >>> with_both([1, 0, np.nan], [1, 1, 0]).tolist()
        [True, True, False]
    """
    one, other = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if one.ndim != 1 or one.shape != other.shape:
        raise StatisticsError(
            "Paired samples are lists of the same length, one value an item, but the shapes are "
            f"{one.shape}, {other.shape}; give one value an item, in the same order."
        )
    kept: NDArray[np.bool_] = ~(np.isnan(one) | np.isnan(other))
    n, n_dropped = int(kept.sum()), int((~kept).sum())
    if n < at_least:
        raise StatisticsError(
            f"A comparison needs at least {at_least} with both values, but {n} came, and {n_dropped} more lack a value "
            "(NaN); add items, models or checkpoints."
        )
    return kept
