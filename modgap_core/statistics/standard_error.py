"""Analytic standard errors under clusters, and the smallest difference that a study can detect."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from modgap_core.statistics.clusters import Clusters, Codes, cluster_codes, crossed, n_clusters

Floats = NDArray[np.float64]
OfSums = Callable[[Floats], Floats]
"""Sums over items, (..., k), to the statistic (...,)."""
_STEP = 1e-6


def cluster_sums(columns: Floats, codes: Codes) -> Floats:
    """Sums (C, k) of the items' columns (n, k) within each cluster.

    >>> cluster_sums(np.array([[1.0], [2.0], [4.0]]), np.array([0, 1, 0])).ravel().tolist()
    [5.0, 2.0]
    """
    return np.stack([np.bincount(codes, column, n_clusters(codes)) for column in columns.T], axis=1)


def standard_error_of_sums(statistic: OfSums, columns: Floats, clusters: Clusters = ()) -> float:
    """Cluster-robust standard error, SE^2 = C / (C - 1) * sum_c (sum of the influences of c's items)^2.

    For the mean difference of a GAP this is Miller's equation 4 (arXiv 2411.00640) with the correction for few
    clusters. Two crossed columns: V = V_one + V_other - V_both (Cameron, Gelbach and Miller 2011).

    Args:
        statistic: sums to a value that does not change when every item is counted twice (a mean, a ratio).
        columns: (n, k) what each item adds to the sums.
        clusters: see `cluster_codes`.

    Returns:
        In the statistic's unit; NaN for fewer than two clusters or an undefined statistic.

    Example:
        >>> mean = lambda sums: sums[..., 0] / sums[..., 1]
        >>> items = np.array([[1.0, 1.0], [3.0, 1.0], [5.0, 1.0], [7.0, 1.0]])
        >>> round(standard_error_of_sums(mean, items), 4)
        1.291
    """
    codes = cluster_codes(clusters, len(columns))
    if min(map(n_clusters, codes)) < 2:
        return math.nan
    influences = _influences(statistic, columns)
    variances = [_variance(influences, each) for each in codes]
    if len(codes) > 1:
        both = _variance(influences, crossed(*codes))
        # the difference may be negative by chance; the larger one-way variance is then the safe answer
        return math.sqrt(max(sum(variances) - both, *variances))
    return math.sqrt(variances[0])


def _variance(influences: Floats, codes: Codes) -> float:
    size = n_clusters(codes)
    return float(size / (size - 1) * np.square(np.bincount(codes, influences)).sum()) if size > 1 else math.nan


def _influences(statistic: OfSums, columns: Floats) -> Floats:
    """(n,) how much the statistic moves, to first order, when an item counts a little more."""
    sums = columns.sum(0)
    step = _STEP * len(columns)
    moved = columns - sums / len(columns)  # one item more, every item less: the number of items stays
    return (statistic(sums + step * moved) - statistic(sums - step * moved)) / (2 * step)


def minimum_detectable(standard_error: float, power: float = 0.8, level: float = 0.95) -> float:
    """MDE: the smallest true difference that a two-sided test finds with that power; 2.80 standard errors by default.

    >>> round(minimum_detectable(1.0), 2)
    2.8
    """
    return float(norm.ppf((1 + level) / 2) + norm.ppf(power)) * standard_error


def items_needed(
    difference: float, sd_text: float, sd_speech: float, correlation: float, design_effect: float = 1.0
) -> int:
    """Items for a planned run: n = ((1.96 + 0.84) sd / difference)^2 * design effect, at 5 % and 80 % power.

    Args:
        difference: that must be found, in the unit of the deviations.
        sd_text: standard deviation of the text scores.
        sd_speech: of the speech scores.
        correlation: of the two over items.
        design_effect: how many times the variance under clusters exceeds that of independent items.

    Example:
        >>> items_needed(0.05, 0.4, 0.45, 0.5)
        573
    """
    variance = sd_text**2 + sd_speech**2 - 2 * correlation * sd_text * sd_speech
    return math.ceil(minimum_detectable(1.0) ** 2 * variance / difference**2 * design_effect)
