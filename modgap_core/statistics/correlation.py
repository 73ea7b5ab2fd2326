"""Correlation over items: do items with higher APS or similarity get answered right more often?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import spearmanr

from modgap_core.scoring.score import RIGHT
from modgap_core.statistics.cluster_bootstrap import OfWeights, interval_of_items
from modgap_core.statistics.clusters import Clusters, Codes, cluster_codes, fewest_clusters, kept, n_clusters
from modgap_core.statistics.interval import Interval
from modgap_core.statistics.paired_values import as_scores, with_both
from modgap_core.statistics.standard_error import Floats

MIN_BETWEEN = 3
"""Clusters that a correlation of their means needs."""


@dataclass(frozen=True)
class Correlation:
    """How a quantity goes with correctness over items.

    Attributes:
        n: items with both values.
        n_dropped: items left out, because the quantity or the score is missing.
        n_clusters: C.
        spearman: rank correlation with the score, ties at their average rank; -1..1.
        point_biserial: Pearson's r with right (1) or wrong (0), right from a score of 0.5 on; -1..1.
        between: Spearman correlation of the clusters' means; NaN without clusters of several items.
        within: Spearman correlation of the items' deviations from their clusters' means; NaN likewise.
    """

    n: int
    n_dropped: int
    n_clusters: int
    spearman: Interval
    point_biserial: Interval
    between: float
    within: float


def correlation(quantity: ArrayLike, score: ArrayLike, clusters: Clusters = ()) -> Correlation:
    """Spearman and point-biserial correlation over items, 95 percent interval over clusters each.

    The pooled number mixes two effects: clusters (speakers, say) with a higher quantity may be answered better, and
    within a cluster items with a higher quantity may be. ``between`` and ``within`` tell them apart; of two crossed
    columns for the first.

    NaN where the quantity, or the score (for point-biserial: right or wrong), is the same for all items. A resample
    in which it is the same for all is left out of the interval.

    Args:
        quantity: (n,) a quantity of each item, such as its APS; NaN where undefined.
        score: (n,) score of the same items, a fraction 0..1, NaN where there is none.
        clusters: see `cluster_codes`.

    Raises:
        StatisticsError: different lengths, a score outside 0..1, or no item with both values.

    Example:
        >>> round(correlation([0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1]).spearman.value, 4)
        0.8944
    """
    quantity, score = np.asarray(quantity, dtype=float), as_scores(score)
    both = with_both(quantity, score)
    quantity, score, names = quantity[both], score[both], kept(clusters, both)
    right, n = (score >= RIGHT).astype(float), len(score)
    codes = cluster_codes(names, n)
    between, within = _between_and_within(quantity, score, codes[0])
    return Correlation(
        n=n,
        n_dropped=int((~both).sum()),
        n_clusters=fewest_clusters(names, n),
        spearman=interval_of_items(_spearman(quantity, score), n, names),
        point_biserial=interval_of_items(weighted_pearson(quantity, right), n, names),
        between=between,
        within=within,
    )


def weighted_pearson(x: Floats, y: Floats) -> OfWeights:
    """Pearson's r as a function of how often each item counts; NaN where x or y is constant among those that do."""
    x, y = _standard(x), _standard(y)

    def of(weights: Floats) -> Floats:
        return _pearson(x, y, weights)

    return of


def _standard(values: Floats) -> Floats:
    spread = np.ptp(values)
    return (values - values.mean()) / spread if spread > 0 else np.zeros(len(values))


def _pearson(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Of values (n,) or (..., n) with weights (..., n)."""
    n = weights.sum(-1, keepdims=True)
    dx, dy = (v - (weights * v).sum(-1, keepdims=True) / n for v in (x, y))
    xx, yy, xy = ((weights * part).sum(-1) for part in (dx * dx, dy * dy, dx * dy))
    # values are scaled to a range of about 1: what is left of a constant's variance is rounding
    constant = (xx < 1e-20 * n[..., 0]) | (yy < 1e-20 * n[..., 0])
    return np.clip(xy / np.sqrt(np.where(constant, np.nan, xx * yy)), -1, 1)  # type: ignore[no-any-return]


def _spearman(x: Floats, y: Floats) -> OfWeights:
    ranks_of_x, ranks_of_y = _weighted_ranks(x), _weighted_ranks(y)

    def of(weights: Floats) -> Floats:
        n = len(x)
        return _pearson(ranks_of_x(weights) / n, ranks_of_y(weights) / n, weights)

    return of


def _weighted_ranks(values: Floats) -> OfWeights:
    """Average rank of each value where each item counts as often as its weight says."""
    order = np.argsort(values, kind="stable")
    places, starts = np.unique(values[order], return_index=True)
    place_of_item = np.searchsorted(places, values)

    def of(weights: Floats) -> Floats:
        counts = np.add.reduceat(weights[..., order], starts, axis=-1)
        return (counts.cumsum(-1) - (counts - 1) / 2)[..., place_of_item]

    return of


def _between_and_within(quantity: Floats, score: Floats, codes: Codes) -> tuple[float, float]:
    size = n_clusters(codes)
    if size == len(codes):
        return math.nan, math.nan
    table = pd.DataFrame({"quantity": quantity, "score": score})
    means = table.groupby(codes).transform("mean")
    between = _rank_correlation(means.groupby(codes).first()) if size >= MIN_BETWEEN else math.nan
    return between, _rank_correlation((table - means).round(12))


def _rank_correlation(table: pd.DataFrame) -> float:
    if (table.nunique() < 2).any():
        return math.nan
    return float(spearmanr(table.quantity, table.score).statistic)
