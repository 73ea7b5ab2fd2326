"""Which column says that items belong together: declared, or found among the columns of the manifest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from modgap_core.errors import ModGapError
from modgap_core.statistics.clusters import MAX_CROSSED
from modgap_core.statistics.paired_difference import mean_of_sums
from modgap_core.statistics.standard_error import standard_error_of_sums

EACH_ITEM = "id"
"""The column by which each item is a cluster of its own."""
LEAST_CLUSTERS = 10
"""Values that a column needs to be found: of fewer clusters no honest interval can be expected."""


@dataclass(frozen=True)
class ClusterChoice:
    """The columns that tell clusters apart.

    Attributes:
        columns: one, or two that are crossed.
        is_declared: by the user; else found.
    """

    columns: tuple[str, ...]
    is_declared: bool

    @property
    def label(self) -> str:
        """The columns.

        >>> ClusterChoice(("transcript", "voice"), True).label
        'transcript x voice'
        """
        return " x ".join(self.columns)

    @property
    def words(self) -> str:
        """For captions.

        >>> ClusterChoice(("voice",), False).words
        'over clusters by voice (no column was declared; this one widens the interval of GAP most)'
        """
        if self.is_declared:
            return f"over clusters by {self.label} (declared)"
        if self.columns == (EACH_ITEM,):
            return "over items as independent (no column was declared, and none widens the interval of GAP)"
        return f"over clusters by {self.label} (no column was declared; this one widens the interval of GAP most)"


def cluster_columns(slices: Iterable[str]) -> list[str]:
    """Columns that may tell clusters apart: the item itself, what is said, and every slice."""
    return [EACH_ITEM, "transcript", *slices]


def declared_clusters(columns: Sequence[str], known: Sequence[str]) -> ClusterChoice:
    """The user's choice, checked.

    Args:
        columns: names.
        known: columns that a run has.

    Raises:
        ModGapError: an unknown column, one twice, or more than two.
    """
    for column in columns:
        if column not in known:
            raise ModGapError(f"There is no column {column!r} to cluster by; choose from {', '.join(known)}.")
    if len(set(columns)) < len(columns) or len(columns) > MAX_CROSSED:
        raise ModGapError(
            f"Clusters by {', '.join(columns)}: give one column, or {MAX_CROSSED} different ones that are crossed."
        )
    return ClusterChoice(tuple(columns), True)


def found_clusters(items: pd.DataFrame, columns: Sequence[str], text: str, speech: str) -> ClusterChoice:
    """The column whose clusters give the largest standard error of GAP.

    Columns with a missing name, with fewer than 10 values, or without a repeated value are passed over.

    Args:
        items: one row an item.
        columns: that may tell clusters apart.
        text: column of the score with text input, NaN where there is none.
        speech: column of the score with speech input.
    """
    scored = items[items[text].notna() & items[speech].notna()]
    difference = (scored[text] - scored[speech]).to_numpy(dtype=float)
    sums = np.stack([difference, np.ones(len(difference))], axis=1)
    if len(scored) < 2:
        return ClusterChoice((EACH_ITEM,), False)
    able = [column for column in columns if _can_cluster(scored[column])]
    errors = {column: standard_error_of_sums(mean_of_sums, sums, [scored[column].to_numpy()]) for column in able}
    alone = standard_error_of_sums(mean_of_sums, sums)
    widest = max(errors, key=errors.__getitem__, default=EACH_ITEM)
    return ClusterChoice((widest if errors.get(widest, 0.0) > alone else EACH_ITEM,), False)


def _can_cluster(names: pd.Series) -> bool:
    if names.isna().any() or (names.astype(str) == "").any():
        return False
    return LEAST_CLUSTERS <= names.nunique() < len(names)
