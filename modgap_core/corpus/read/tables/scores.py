"""Scores of a run by task, condition and scorer."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from modgap_core.corpus.conditions import CONDITIONS, INJECTED
from modgap_core.corpus.read.tables.scored_run import ScoredRun, built_once
from modgap_core.statistics import RIGHT


def status_table(run: ScoredRun) -> pd.DataFrame:
    """How many items are done, failed, and why."""
    items = run.results.items
    counts = items.groupby(["status", "reason"]).size().rename("items").reset_index()
    return counts.sort_values(["status", "items"], ascending=[False, False], ignore_index=True)


def score_table(run: ScoredRun) -> pd.DataFrame:
    """Mean primary score of each condition by task, in points (paper, tables 1 and 3)."""
    rows = [
        {
            "model": run.model,
            "task": task,
            "condition": c,
            "n": int(part[c].notna().sum()),
            "score": 100 * part[c].mean(),
        }
        for task, part in run.by_task()
        for c in run.conditions
        if c in part and part[c].notna().any()
    ]
    return pd.DataFrame(rows, columns=["model", "task", "condition", "n", "score"])


def benchmark_table(runs: Sequence[ScoredRun]) -> pd.DataFrame:
    """Models and conditions down, tasks across, in points: the form of the paper's tables 1 and 3; no interventions."""
    table = pd.concat([score_table(run) for run in runs], ignore_index=True)
    plain = table[table.condition.isin(CONDITIONS)]
    wide = plain.pivot(index=["model", "condition"], columns="task", values="score")
    order = [c for c in dict.fromkeys(plain.task) if c in wide]
    rows = list(dict.fromkeys(zip(plain.model, plain.condition, strict=True)))
    return wide.loc[rows, order].add_prefix("score ").reset_index()


@built_once
def scorer_table(run: ScoredRun) -> pd.DataFrame:
    """Mean of every scorer of the item's own question, in points, and how often it differs from the primary one."""
    scores = run.results.scores[run.results.scores.scorer != INJECTED]
    scores = scores.merge(run.results.items[["row", "task"]], on="row")
    primary = scores[scores.is_primary.astype(bool)][["row", "condition", "value"]]
    both = scores.merge(primary, on=["row", "condition"], suffixes=("", "_primary"))
    differs = ((both.value >= RIGHT) != (both.value_primary >= RIGHT)).astype(float)
    both["differs"] = differs.where(both.value.notna() & both.value_primary.notna())
    grouped = both.groupby(["task", "scorer", "condition"], sort=True)
    table = grouped.agg(n=("value", "count"), score=("value", "mean"), disagreement=("differs", "mean")).reset_index()
    table[["score", "disagreement"]] *= 100
    return table.assign(model=run.model)[["model", "task", "scorer", "condition", "n", "score", "disagreement"]]
