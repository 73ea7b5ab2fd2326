"""Sign-flip test over clusters: would the difference be as large if its sign were chance in each cluster?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import permutation_test

from modgap_core.statistics.clusters import Clusters, cluster_codes
from modgap_core.statistics.standard_error import cluster_sums

N_FLIPS = 9_999
_SEED = 17


def sign_flip(differences: ArrayLike, clusters: Clusters = ()) -> float:
    """Two-sided p-value of the mean difference; exact where 2^C is at most 9,999, else by as many random flips.

    A cluster keeps its items together: the sum of its differences changes its sign or keeps it. For right and wrong
    answers and independent items this is McNemar's exact test, which does not hold under clusters. Of two crossed
    columns the larger p-value.

    Args:
        differences: (n,) of the items.
        clusters: see `cluster_codes`.

    Returns:
        0..1; 1 where no cluster tells the two apart.

    Example:
        >>> sign_flip([1, 1, 1, 0]), sign_flip([1, 1, 1, 0], [["a", "a", "b", "b"]])
        (0.25, 0.5)
    """
    values = np.asarray(differences, dtype=float)
    codes = cluster_codes(clusters, len(values))
    return max(_p_value(cluster_sums(values[:, None], each)[:, 0]) for each in codes) if len(values) else 1.0


def _p_value(sums: np.ndarray) -> float:
    telling = sums[np.abs(sums) > 1e-12]
    if len(telling) < 2:
        return 1.0  # both signs of one cluster are equally far from zero
    found = permutation_test(
        (telling,),
        lambda x, axis: np.sum(x, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=N_FLIPS,
        rng=np.random.default_rng(_SEED),
    )
    return float(min(1.0, found.pvalue))
