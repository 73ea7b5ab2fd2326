"""Which items belong together: answers to one question, or by one speaker, are not independent.

An interval or a test that takes them as independent is too narrow (Miller, arXiv 2411.00640, section 2.2).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from modgap_core.statistics.interval import StatisticsError

Clusters = Sequence[ArrayLike]
"""Columns (n,) of cluster names: none (each item alone), one, or two that are crossed, such as question and voice."""
Codes = NDArray[np.intp]
MAX_CROSSED = 2


def cluster_codes(clusters: Clusters, n: int) -> list[Codes]:
    """Each column as numbers 0..C-1; without a column each item is a cluster of its own.

    Args:
        clusters: columns of names.
        n: items.

    Raises:
        StatisticsError: another length, a missing name, or more than two columns.

    Example:
        >>> [codes.tolist() for codes in cluster_codes([["ann", "bob", "ann"]], 3)]
        [[0, 1, 0]]
    """
    if len(clusters) > MAX_CROSSED:
        raise StatisticsError(
            f"At most {MAX_CROSSED} crossed cluster columns can be taken into account, but {len(clusters)} came."
        )
    return [_codes(column, n) for column in clusters] or [np.arange(n)]


def _codes(column: ArrayLike, n: int) -> Codes:
    given = np.asarray(column)
    if len(given) != n:
        raise StatisticsError(f"There are {n} items, but {len(given)} cluster names; give one name an item.")
    if given.dtype.kind in "iu":  # numbers are never missing
        return pd.factorize(given)[0]
    names = pd.Series(given, dtype=object)
    missing = names.isna() | (names.astype(str) == "")
    if missing.any():
        raise StatisticsError(
            f"{int(missing.sum())} of {n} items have no cluster name; name the cluster of each, or choose another "
            "column."
        )
    return pd.factorize(names.astype(str))[0]


def n_clusters(codes: Codes) -> int:
    """C.

    >>> n_clusters(np.array([0, 1, 0]))
    2
    """
    return int(codes.max()) + 1 if codes.size else 0


def fewest_clusters(clusters: Clusters, n: int) -> int:
    """C of n items; of two crossed columns the smaller one.

    >>> fewest_clusters([["a", "b", "a"], ["x", "y", "z"]], 3), fewest_clusters((), 3)
    (2, 3)
    """
    return min(map(n_clusters, cluster_codes(clusters, n)))


def crossed(one: Codes, other: Codes) -> Codes:
    """The cells of two crossed columns as numbers.

    >>> crossed(np.array([0, 0, 1]), np.array([0, 1, 1])).tolist()
    [0, 1, 2]
    """
    return np.unique(np.stack([one, other]), axis=1, return_inverse=True)[1].ravel()


def kept(clusters: Clusters, which: NDArray[np.bool_]) -> list[NDArray[np.object_]]:
    """The names of some of the items."""
    return [np.asarray(column, dtype=object)[which] for column in clusters]
