"""Max-T (Westfall and Young 1993): one test for each layer, adjusted for there being many that go together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from modgap_core.statistics.clusters import Clusters, cluster_codes, n_clusters
from modgap_core.statistics.standard_error import Floats, cluster_sums

N_FLIPS = 9_999
_SEED = 17


@dataclass(frozen=True)
class MaxT:
    """Tests of m columns.

    Attributes:
        p_value: (m,) of each column alone; NaN where a column has no finite value.
        adjusted: (m,) the chance that the largest of all columns' statistics is as large under the null.
    """

    p_value: Floats
    adjusted: Floats


def max_t(differences: ArrayLike, clusters: Clusters = ()) -> MaxT:
    """Sign-flip tests of the mean of each column; all columns of a cluster flip together, so their dependence stays.

    The statistic is the sum over clusters divided by the root of the sum of their squares. Of two crossed columns of
    clusters the one with fewer is taken.

    Args:
        differences: (n, m) one column a layer; NaN (undefined) counts as no difference.
        clusters: see `cluster_codes`.

    Example:
        >>> found = max_t([[1.0, 0.1], [1.2, -0.1], [0.8, 0.2], [1.1, -0.3]])
        >>> bool((found.adjusted >= found.p_value).all())
        True
    """
    values = np.asarray(differences, dtype=float)
    codes = min(cluster_codes(clusters, len(values)), key=n_clusters)
    empty = ~np.isfinite(values).any(axis=0)
    sums = cluster_sums(np.nan_to_num(values, nan=0.0), codes)
    scale = np.sqrt(np.square(sums).sum(0))
    studied = np.where(scale > 0, sums / np.where(scale > 0, scale, 1.0), 0.0)
    observed = np.abs(studied.sum(0))
    signs = np.random.default_rng(_SEED).choice((-1.0, 1.0), (N_FLIPS, len(studied)))
    flipped = np.abs(signs @ studied)
    slack = 1e-12
    p = (1 + (flipped >= observed - slack).sum(0)) / (1 + N_FLIPS)
    largest = flipped.max(1, initial=0.0)[:, None]
    adjusted = (1 + (largest >= observed - slack).sum(0)) / (1 + N_FLIPS)
    return MaxT(np.where(empty, np.nan, p), np.where(empty, np.nan, adjusted))
