"""One row a model: what a regression over models or checkpoints is made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from modgap_core.corpus.columns import item_quantities
from modgap_core.corpus.read.tables.decomposition import decomposition_table
from modgap_core.corpus.read.tables.gap_table import gap_table
from modgap_core.corpus.read.tables.scored_run import ScoredRun
from modgap_core.metrics import Measures

TRAINING = "training"
"""The tag that names the training which checkpoints come from; they are one cluster."""
_TOLD = ["n", "clusters", "text", "speech", "gap"]
NO_TAGS = ("model", *_TOLD, "forgetting", "same_as", *item_quantities(Measures()))
"""Columns of `model_table` that no tag may be called like."""


def measures_of(runs: Sequence[ScoredRun]) -> list[str]:
    """Quantities of an item that every run has."""
    first, *others = [run.measures for run in runs] or [[]]
    return [name for name in first if all(name in other for other in others)]


def model_table(runs: Sequence[ScoredRun]) -> pd.DataFrame:
    """One row a model: GAP and mean alignment, what the paper's figures 5 and 7 are drawn from.

    Columns: model, the tags, n, clusters (C), text, speech, gap, forgetting (NaN without a backbone), the alignment
    measures, and same_as: an earlier row of the same model, told by its files' content hash and precision, or by equal
    measures on the same clips; such a row is no point of its own in a regression.
    """
    scored = [run for run in runs if len(gap_table(run))]
    measures = measures_of(scored)
    rows = [_row(run, measures) for run in scored]
    for number, (row, run) in enumerate(zip(rows, scored, strict=True)):
        row["same_as"] = next((other.model for other in scored[:number] if _is_same(run, other, measures)), "")
    tags = dict.fromkeys(name for run in runs for name in run.tags)
    return pd.DataFrame(rows, columns=["model", *tags, *_TOLD, "forgetting", *measures, "same_as"])


def _row(run: ScoredRun, measures: list[str]) -> dict[str, object]:
    overall, parts = gap_table(run).iloc[-1], decomposition_table(run)
    forgetting = parts.forgetting.iloc[-1] if len(parts) else np.nan
    means = run.wide[measures].mean()
    return {"model": run.model, **run.tags, **overall[_TOLD].to_dict(), "forgetting": forgetting, **means}


def _is_same(one: ScoredRun, other: ScoredRun, measures: list[str]) -> bool:
    if one.identity and one.identity == other.identity:
        return True
    a, b = (run.wide.set_index("clip_sha256")[measures].sort_index() for run in (one, other))
    return len(a) > 0 and a.index.equals(b.index) and np.array_equal(a.to_numpy(), b.to_numpy(), equal_nan=True)
