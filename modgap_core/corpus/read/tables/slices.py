"""GAP and alignment within each value of each slice of a run."""

from __future__ import annotations

import numpy as np
import pandas as pd

from modgap_core.corpus.conditions import SPEECH, TEXT
from modgap_core.corpus.read.tables.scored_run import ScoredRun, built_once
from modgap_core.statistics import by_slice
from modgap_core.statistics.slices import COLUMNS

_FIRST = ["model", "slice", "value"]
WITHIN = "transcript"
"""Tells the clusters of one value of the column that tells those of the run."""


@built_once
def slice_table(run: ScoredRun) -> pd.DataFrame:
    """GAP within each value of each slice, its interval and test over clusters, and mean alignment.

    Columns: model, slice, value, those of `by_slice` (p_bh is adjusted over the values of one slice), cluster_by,
    and the means of the alignment measures. Within a value of the run's own cluster column the clusters are the
    transcripts.
    """
    parts = [table_of_slice(run, column) for column in slices_of(run)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*_FIRST, *COLUMNS, "cluster_by"])


def slices_of(run: ScoredRun) -> list[str]:
    """Columns of the manifest that have several values."""
    return [column for column in run.slice_columns if run.wide[column].nunique() > 1]


def table_of_slice(run: ScoredRun, column: str) -> pd.DataFrame:
    """The rows of `slice_table` of one slice, built once for a run."""
    return run.once(("slice", column), lambda: _of_column(run, column))


def _of_column(run: ScoredRun, column: str) -> pd.DataFrame:
    clusters = [name for name in run.clusters.columns if name != column] or [WITHIN]
    means = run.wide.groupby(column, dropna=False)[run.measures].mean().reset_index()
    table = (
        by_slice(run.wide, column, TEXT, SPEECH, clusters)
        .assign(cluster_by=" x ".join(clusters))
        .merge(means, on=column, how="left")
        .rename(columns={column: "value"})
        .sort_values("value", key=_in_order, kind="stable")
        .assign(slice=column, model=run.model)
        .reset_index(drop=True)
    )
    return table[[*_FIRST, *(c for c in table.columns if c not in _FIRST)]]


def _in_order(values: pd.Series) -> pd.Series:
    """Numbers by size, then words."""
    return pd.to_numeric(values, errors="coerce").fillna(np.inf)
