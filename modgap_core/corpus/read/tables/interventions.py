"""Scores and gains of the interventions of a run."""

from __future__ import annotations

import numpy as np
import pandas as pd

from modgap_core.corpus.conditions import INJECTED, SPEECH, TEXT
from modgap_core.corpus.read.tables.scored_run import ScoredRun, built_once
from modgap_core.interventions.method import uses_of
from modgap_core.statistics import holm, paired_difference

COLUMNS = (
    "model",
    "task",
    "intervention",
    "uses",
    "n",
    "clusters",
    "score",
    "gain",
    "gain_low",
    "gain_high",
    "mde",
    "p",
    "p_holm",
    "share_of_gap",
    "answers_injected",
    "speech_answers_injected",
)


@built_once
def intervention_table(run: ScoredRun) -> pd.DataFrame:
    """Score of each intervention and its gain over unedited speech, in points (paper, tables 4 to 7).

    Columns: model, task, intervention, uses (what the edit's states are made of), n (items with all scores),
    clusters (C), score, gain with its interval over clusters, mde (points), p (sign-flip test over clusters), p_holm
    (adjusted over the interventions of a task), share_of_gap (percent), answers_injected (percent of answers that
    answer the question of the other transcript; empty where no other transcript was judged) and
    speech_answers_injected (the same of unedited speech, by chance).
    """
    tables = [_of_task(run, task, part) for task, part in run.by_task()]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)


def _of_task(run: ScoredRun, task: str, part: pd.DataFrame) -> pd.DataFrame:
    injected = _injected(run, part)
    rows = []
    for name in run.interventions:
        scored = part.dropna(subset=[TEXT, SPEECH, name]) if name in part else part.head(0)
        if len(scored):
            rows.append({"model": run.model, "task": task, "intervention": name, **_row(run, scored, name, injected)})
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.assign(p_holm=holm(table.p.to_numpy(dtype=float)))


def _row(run: ScoredRun, scored: pd.DataFrame, name: str, injected: pd.DataFrame) -> dict[str, object]:
    found = paired_difference(scored[name].to_numpy(), scored[SPEECH].to_numpy(), run.clusters_of(scored))
    whole = 100 * float((scored[TEXT] - scored[SPEECH]).mean())
    judged = injected[injected[name].notna()] if name in injected else injected.head(0)
    return {
        "uses": uses_of(name),
        "n": found.n,
        "clusters": found.n_clusters,
        "score": found.a,
        "gain": found.difference.value,
        "gain_low": found.difference.low,
        "gain_high": found.difference.high,
        "mde": found.mde,
        "p": found.p_value,
        "share_of_gap": 100 * found.difference.value / whole if whole else np.nan,
        "answers_injected": 100 * judged[name].mean() if len(judged) else np.nan,
        "speech_answers_injected": 100 * judged[SPEECH].mean() if len(judged) and SPEECH in judged else np.nan,
    }


def _injected(run: ScoredRun, part: pd.DataFrame) -> pd.DataFrame:
    """Of the items of a task: right as an answer to the injected question, by condition."""
    scores = run.results.scores
    chosen = scores[(scores.scorer == INJECTED) & scores.row.isin(part.row)]
    return chosen.pivot(index="row", columns="condition", values="value").astype(float)
