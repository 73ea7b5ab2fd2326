"""Mean difference of two conditions on the same items, in points: what GAP, a gain and forgetting have in common."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from modgap_core.scoring.score import RIGHT
from modgap_core.statistics.cluster_bootstrap import interval_of_sums
from modgap_core.statistics.clusters import Clusters, cluster_codes, fewest_clusters, kept
from modgap_core.statistics.few_telling import design_effect, difference_of_cells, few_tell
from modgap_core.statistics.interval import Interval
from modgap_core.statistics.paired_values import as_scores, with_both
from modgap_core.statistics.sign_flip import sign_flip
from modgap_core.statistics.standard_error import Floats, minimum_detectable, standard_error_of_sums


@dataclass(frozen=True)
class PairedDifference:
    """Condition a less condition b.

    Attributes:
        n: items with both scores.
        n_dropped: items left out of both, because one or both scores are missing.
        n_clusters: C, of two crossed columns the smaller one.
        a: mean score under a, in points (0..100).
        b: mean score under b, in points.
        difference: a - b, in points, 95 percent interval.
        standard_error: of the difference, in points.
        mde: smallest true difference, in points, that so many clusters find at 5 % with a power of 80 %;
            NaN where all clusters have the same mean difference.
        p_value: two-sided sign-flip test over clusters.
        only_a: items right under a alone (from a score of 0.5 on).
        only_b: items right under b alone.
    """

    n: int
    n_dropped: int
    n_clusters: int
    a: float
    b: float
    difference: Interval
    standard_error: float
    mde: float
    p_value: float
    only_a: int
    only_b: int


def paired_difference(a: ArrayLike, b: ArrayLike, clusters: Clusters = ()) -> PairedDifference:
    """100 * (mean a - mean b) on the items that have both, with the uncertainty that their clusters leave.

    The interval is a bootstrap over clusters (`interval_of_sums`). Where a and b differ in fewer than 8 clusters, such
    as near 0 or 100 points, it is Newcombe's paired interval with as many items as the clusters are worth.

    Args:
        a: (n,) score of each item, a fraction 0..1, NaN where there is none.
        b: (n,) score of the same items.
        clusters: see `cluster_codes`.

    Raises:
        StatisticsError: different lengths, a score outside 0..1, no item with both scores, or clusters that do not fit.

    Example:
        >>> found = paired_difference([1, 1, 1, 0], [1, 0, 0, 0], [["ann", "ann", "bob", "bob"]])
        >>> found.difference.value, found.n, found.n_clusters, found.only_a
        (50.0, 4, 2, 2)
    """
    a, b = as_scores(a), as_scores(b)
    both = with_both(a, b)
    cluster_codes(clusters, len(both))  # a missing name is an error also where the score is missing
    a, b, clusters = a[both], b[both], kept(clusters, both)
    error = standard_error_of_sums(mean_of_sums, _columns(a, b), clusters)
    return PairedDifference(
        n=len(a),
        n_dropped=int((~both).sum()),
        n_clusters=fewest_clusters(clusters, len(a)),
        a=100 * float(a.mean()),
        b=100 * float(b.mean()),
        difference=difference_interval(a, b, clusters),
        standard_error=error,
        mde=minimum_detectable(error) if error > 1e-9 else math.nan,
        p_value=sign_flip(a - b, clusters),
        only_a=int(((a >= RIGHT) & (b < RIGHT)).sum()),
        only_b=int(((b >= RIGHT) & (a < RIGHT)).sum()),
    )


def mean_of_sums(sums: Floats) -> Floats:
    """Sum over items, and their number, to the mean."""
    return ratio_of_sums(sums)


def ratio_of_sums(sums: Floats) -> Floats:
    """First sum over second; NaN where the second is not positive."""
    below = sums[..., 1]
    return sums[..., 0] / np.where(below > 0, below, np.nan)


def difference_interval(a: Floats, b: Floats, clusters: Clusters = ()) -> Interval:
    """The 95 percent interval of `paired_difference`, in points; of items that have both scores."""
    columns = _columns(a, b)
    if not few_tell(a - b, clusters):
        return interval_of_sums(mean_of_sums, columns, clusters)
    found = difference_of_cells(a, b, len(a) / design_effect(mean_of_sums, columns, clusters))
    return Interval(float(columns[:, 0].mean()), 100 * found.low, 100 * found.high)


def relative_difference_interval(a: Floats, b: Floats, clusters: Clusters = ()) -> Interval:
    """The 95 percent interval of 100 * (mean a - mean b) / mean a, in percent; NaN where mean a is 0.

    Where few clusters tell a and b apart, the ends of the difference over mean a.
    """
    columns = np.stack([100 * (a - b), a], axis=1)
    value = float(ratio_of_sums(columns.sum(0)))
    if math.isnan(value) or not few_tell(a - b, clusters):
        return interval_of_sums(ratio_of_sums, columns, clusters)
    ends = difference_interval(a, b, clusters)
    return Interval(value, ends.low / float(a.mean()), ends.high / float(a.mean()))


def _columns(a: Floats, b: Floats) -> Floats:
    return np.stack([100 * (a - b), np.ones(len(a))], axis=1)
