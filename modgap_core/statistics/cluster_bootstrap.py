"""Percentile bootstrap that draws whole clusters; items stay paired because a cluster brings all values of its items.

The percentiles are widened for few clusters (Hesterberg 2015, "expanded percentiles"): a plain percentile interval over
C clusters misses the factor sqrt(C / (C - 1)) and the t distribution, and covers too little below some 100 clusters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from modgap_core.statistics.clusters import Clusters, Codes, cluster_codes, n_clusters
from modgap_core.statistics.interval import Interval, StatisticsError
from modgap_core.statistics.standard_error import Floats, OfSums, cluster_sums, standard_error_of_sums

N_RESAMPLES = 10_000
N_RESAMPLES_OF_ITEMS = 2_000
"""Where every resample sorts the items again; the ends then move by a fortieth of the interval's width."""
_SEED = 17
_VALUES_AT_ONCE = 4_000_000
"""Draws in memory at a time: 8 MB as 16-bit numbers."""

OfWeights = Callable[[Floats], Floats]
"""How often each item counts, (..., n), to the statistic (...,)."""


def interval_of_sums(
    statistic: OfSums, columns: Floats, clusters: Clusters = (), level: float = 0.95, n_resamples: int = N_RESAMPLES
) -> Interval:
    """Estimate and interval of a statistic that depends on the items through sums only (a mean, a ratio, a kappa).

    One cluster column: bootstrap over its clusters. Two crossed columns: the t interval around the estimate with the
    two-way standard error (Cameron, Gelbach and Miller 2011) and as many degrees of freedom as the smaller number of
    clusters less one.

    Args:
        statistic: (..., k) sums to (...,); NaN where it is undefined.
        columns: (n, k) what each item adds to the sums.
        clusters: see `cluster_codes`.
        level: share of repetitions whose interval holds the truth.
        n_resamples: of the bootstrap.

    Returns:
        In the statistic's own unit. low = high = value where every resample gives the same; low and high are NaN for
        fewer than two clusters; all three are NaN where the statistic is undefined, or there are no items.

    Raises:
        StatisticsError: an impossible level, or clusters that do not fit.
    """
    _check_level(level)
    codes = cluster_codes(clusters, len(columns))
    value = float(statistic(columns.sum(0))) if len(columns) else math.nan
    fewest = min(map(n_clusters, codes))
    if math.isnan(value) or fewest < 2:
        return Interval(value, math.nan, math.nan)
    if len(codes) > 1:
        half = float(t.ppf((1 + level) / 2, fewest - 1)) * standard_error_of_sums(statistic, columns, clusters)
        return Interval(value, value - half, value + half)
    totals = cluster_sums(columns, codes[0])
    resampled = [statistic(counts.astype(float) @ totals) for counts in _draws(fewest, n_resamples)]
    return Interval(value, *_percentiles(np.concatenate(resampled), fewest, level))


def interval_of_items(
    statistic: OfWeights,
    n: int,
    clusters: Clusters = (),
    level: float = 0.95,
    n_resamples: int = N_RESAMPLES_OF_ITEMS,
) -> Interval:
    """The same for a statistic that needs the items themselves, such as a rank correlation.

    Two crossed columns: the wider of the two one-way intervals.

    Args:
        statistic: how often each item counts, (..., n), to (...,).
        n: items.
        clusters: see `cluster_codes`.
        level: share of repetitions whose interval holds the truth.
        n_resamples: of the bootstrap.
    """
    _check_level(level)
    value = float(statistic(np.ones((1, n)))[0]) if n else math.nan
    if math.isnan(value):
        return Interval(value, math.nan, math.nan)
    found = [_one_way(statistic, value, codes, level, n_resamples) for codes in cluster_codes(clusters, n)]
    return max(found, key=lambda interval: math.inf if math.isnan(interval.low) else interval.high - interval.low)


def _one_way(statistic: OfWeights, value: float, codes: Codes, level: float, n_resamples: int) -> Interval:
    size = n_clusters(codes)
    if size < 2:
        return Interval(value, math.nan, math.nan)
    at_once = max(1, _VALUES_AT_ONCE // (4 * len(codes)))
    resampled = [
        statistic(counts[first : first + at_once].astype(float)[:, codes])
        for counts in _draws(size, n_resamples)
        for first in range(0, len(counts), at_once)
    ]
    return Interval(value, *_percentiles(np.concatenate(resampled), size, level))


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise StatisticsError(f"The level of an interval lies between 0 and 1, but {level} came; 0.95 is usual.")


def _draws(size: int, n_resamples: int) -> Iterator[NDArray[np.uint16]]:
    """How often each of C clusters is drawn, (resamples, C), in parts; the same numbers at every call."""
    at_once = max(1, min(n_resamples, _VALUES_AT_ONCE // size))
    for first in range(0, n_resamples, at_once):
        yield _counts(size, min(at_once, n_resamples - first), first)


@lru_cache(maxsize=8)
def _counts(size: int, rows: int, first: int) -> NDArray[np.uint16]:
    drawn = np.random.default_rng([_SEED, size, first]).integers(0, size, (rows, size))
    places = (drawn + size * np.arange(rows)[:, None]).ravel()
    counts = np.bincount(places, minlength=rows * size).reshape(rows, size).astype(np.uint16)
    counts.flags.writeable = False
    return counts


def _percentiles(resampled: Floats, size: int, level: float) -> tuple[float, float]:
    """Ends of the interval among the defined resamples, widened for few clusters."""
    defined = resampled[np.isfinite(resampled)]
    if len(defined) == 0:
        return math.nan, math.nan
    tail = norm.cdf(math.sqrt(size / (size - 1)) * t.ppf((1 - level) / 2, size - 1))
    low, high = np.quantile(defined, (tail, 1 - tail))
    return float(low), float(high)
