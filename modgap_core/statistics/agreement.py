"""Do two conditions fail on the same items? Cohen's kappa and the error overlap (arXiv 2602.17598)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from modgap_core.scoring.score import RIGHT
from modgap_core.statistics.cluster_bootstrap import interval_of_sums
from modgap_core.statistics.clusters import Clusters, fewest_clusters, kept
from modgap_core.statistics.few_telling import few_tell, interval_of_cells
from modgap_core.statistics.interval import Interval
from modgap_core.statistics.paired_difference import ratio_of_sums
from modgap_core.statistics.paired_values import as_scores, with_both
from modgap_core.statistics.standard_error import Floats


@dataclass(frozen=True)
class Agreement:
    """Of right and wrong under two conditions, such as speech and the pipeline.

    Attributes:
        n: items with both scores.
        n_clusters: C, of two crossed columns the smaller one.
        kappa: (po - pe) / (1 - pe), -1..1; po is the share of items that are right under both or wrong under both, pe
            what chance would give; NaN where both are always right, or both always wrong.
        error_overlap: items wrong under both over items wrong under any, in percent; NaN where none is wrong.
    """

    n: int
    n_clusters: int
    kappa: Interval
    error_overlap: Interval


def agreement(one: ArrayLike, other: ArrayLike, clusters: Clusters = ()) -> Agreement:
    """Kappa and error overlap with 95 percent intervals over clusters; right from a score of 0.5 on.

    Where fewer than 8 clusters hold an item wrong under both, or wrong under one alone, the interval is that of the
    posterior of the four cells (`interval_of_cells`).

    A speech model that is an ASR and a reader inside fails where the cascade fails: high kappa, high overlap.

    Args:
        one: (n,) score of each item, a fraction 0..1, NaN where there is none.
        other: (n,) score of the same items under the other condition.
        clusters: see `cluster_codes`.

    Raises:
        StatisticsError: different lengths, a score outside 0..1, or no item with both scores.

    Example:
        >>> found = agreement([1, 1, 0, 0], [1, 0, 0, 0])
        >>> found.kappa.value, round(found.error_overlap.value, 1)
        (0.5, 66.7)
    """
    one, other = as_scores(one), as_scores(other)
    both = with_both(one, other)
    a, b = one[both] >= RIGHT, other[both] >= RIGHT
    names = kept(clusters, both)
    cells = np.stack([a & b, a & ~b, ~a & b, ~a & ~b], axis=1).astype(float)
    enough = not few_tell(cells[:, 3], names) and not few_tell(cells[:, 1] + cells[:, 2], names)
    interval_of = interval_of_sums if enough else interval_of_cells
    return Agreement(
        n=len(cells),
        n_clusters=fewest_clusters(names, len(cells)),
        kappa=interval_of(_kappa, cells, names),
        error_overlap=interval_of(_error_overlap, cells, names),
    )


def _error_overlap(sums: Floats) -> Floats:
    """In percent, from the four cells (..., 4)."""
    return 100 * ratio_of_sums(np.stack([sums[..., 3], sums[..., 1:].sum(-1)], axis=-1))


def _kappa(sums: Floats) -> Floats:
    """From the four cells (..., 4): both right, one, other, none."""
    n = sums.sum(-1)
    a, b = sums[..., 0] + sums[..., 1], sums[..., 0] + sums[..., 2]
    observed = (sums[..., 0] + sums[..., 3]) / n
    chance = (a * b + (n - a) * (n - b)) / n**2
    return (observed - chance) / np.where(chance < 1 - 1e-12, 1 - chance, np.nan)  # type: ignore[no-any-return]
