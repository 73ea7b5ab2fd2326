"""The items of a run with their answers and scores."""

from __future__ import annotations

import pandas as pd

from modgap_core.corpus.conditions import PIPELINE, SPEECH, TEXT
from modgap_core.corpus.read.tables.scored_run import ScoredRun


def item_table(run: ScoredRun) -> pd.DataFrame:
    """Items with answers and scores beside each other; text right and speech wrong first."""
    answers = run.results.answers[run.results.answers.condition.isin([TEXT, SPEECH, PIPELINE])]
    said = answers.pivot(index="row", columns="condition", values="answer").add_prefix("answer_")
    scores = run.wide.set_index("row")[[c for c in run.conditions if c in run.wide]].add_prefix("score_")
    scores = scores.reindex(columns=[*dict.fromkeys(["score_text", "score_speech", *scores.columns])])
    table = run.results.items.join(said, on="row").join(scores, on="row")
    order = (table["score_text"] - table["score_speech"]).fillna(0.0)
    return table.assign(order=order).sort_values(["order", "row"], ascending=[False, True]).drop(columns="order")


def answer_table(run: ScoredRun, row: int) -> pd.DataFrame:
    """Of one item: each condition's answer, its scores, and what in the answer gave them; the primary scorer first."""
    answers, scores = (table[table.row == row] for table in (run.results.answers, run.results.scores))
    both = answers[["condition", "answer"]].merge(
        scores[["condition", "scorer", "value", "rule", "is_primary"]], on="condition", how="left"
    )
    order = {name: number for number, name in enumerate(run.conditions)}
    both = both.sort_values(
        ["is_primary", "condition"], ascending=[False, True], key=lambda c: c.map(order) if c.name == "condition" else c
    )
    return both.rename(columns={"value": "score"}).drop(columns="is_primary").reset_index(drop=True)
