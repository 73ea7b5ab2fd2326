"""The tables of a run: scores, GAP, interventions, slices, alignment and correctness (paper, tables 1 to 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from modgap_core.corpus.columns import ITEMS, LAYERS
from modgap_core.corpus.measure_batch import PIPELINE, PIPELINE_BACKBONE, TEXT_BACKBONE
from modgap_core.corpus.shard import OK, ShardTables
from modgap_core.interventions.outcome import SPEECH, TEXT
from modgap_core.statistics import by_slice, correlation, gap, mrr, paired_bootstrap
from modgap_core.statistics.gap import RIGHT

OVERALL = "overall"
CONDITIONS = (TEXT, SPEECH, PIPELINE, TEXT_BACKBONE, PIPELINE_BACKBONE)
"""Those that are no interventions, in the order of the tables."""
MEASURES = ("cosine_similarity", "euclidean_distance", "aps_cosine", "aps_euclidean", "monotonicity_cosine")
"""Per-item quantities that are compared with correctness."""


@dataclass(frozen=True)
class ScoredRun:
    """One model's results with the scores beside the items.

    Attributes:
        model: its name.
        results: all tables.
        wide: one row an item that did not fail: the item's columns, and the primary score, if there is one, of
            each condition (0..1) under the condition's name.
        tags: of the run: family, tuning, step ...
        place: for `load_model`: the model's folder, hub id, or None for modgap-mini.
    """

    model: str
    results: ShardTables
    wide: pd.DataFrame
    tags: Mapping[str, str] = field(default_factory=dict)
    place: str | None = None

    @classmethod
    def of(
        cls, model: str, results: ShardTables, tags: Mapping[str, str] | None = None, place: str | None = None
    ) -> ScoredRun:
        """Pivot the primary scores."""
        primary = results.scores[results.scores.is_primary.astype(bool)]
        values = primary.pivot(index="row", columns="condition", values="value").astype(float)
        values = values.reindex(columns=[*dict.fromkeys([TEXT, SPEECH, *values.columns])])
        items = results.items[results.items.status == OK]
        return cls(model, results, items.merge(values, left_on="row", right_index=True, how="left"), tags or {}, place)

    @property
    def conditions(self) -> list[str]:
        """Text, speech, pipelines, then interventions, as far as they were run."""
        present = list(dict.fromkeys(self.results.answers.condition))
        return [c for c in CONDITIONS if c in present] + [c for c in present if c not in CONDITIONS]

    @property
    def interventions(self) -> list[str]:
        """Labels of the interventions."""
        return [c for c in self.conditions if c not in CONDITIONS]

    @property
    def slice_columns(self) -> list[str]:
        """Columns of the manifest that are slices."""
        return [c for c in self.results.items.columns if c not in ITEMS]

    def by_task(self) -> list[tuple[str, pd.DataFrame]]:
        """The wide table of each task, then of all."""
        parts = [(str(task), part) for task, part in self.wide.groupby("task", sort=True)]
        return [*parts, (OVERALL, self.wide)] if len(parts) != 1 else parts


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


def scorer_table(run: ScoredRun) -> pd.DataFrame:
    """Mean of every scorer, in points, and how often it differs from the task's primary one."""
    scores = run.results.scores.merge(run.results.items[["row", "task"]], on="row")
    primary = scores[scores.is_primary.astype(bool)][["row", "condition", "value"]]
    both = scores.merge(primary, on=["row", "condition"], suffixes=("", "_primary"))
    differs = ((both.value >= RIGHT) != (both.value_primary >= RIGHT)).astype(float)
    both["differs"] = differs.where(both.value.notna() & both.value_primary.notna())
    grouped = both.groupby(["task", "scorer", "condition"], sort=True)
    table = grouped.agg(n=("value", "count"), score=("value", "mean"), disagreement=("differs", "mean")).reset_index()
    table[["score", "disagreement"]] *= 100
    return table.assign(model=run.model)[["model", "task", "scorer", "condition", "n", "score", "disagreement"]]


def gap_table(run: ScoredRun) -> pd.DataFrame:
    """GAP = text - speech by task, with paired bootstrap interval, McNemar's test and MRR (paper, table 2)."""
    rows = []
    for task, part in run.by_task():
        if len(part) == 0 or part[[TEXT, SPEECH]].dropna().empty:
            continue
        found = gap(part[TEXT].to_numpy(), part[SPEECH].to_numpy())
        row = {
            "model": run.model,
            "task": task,
            "n": found.n,
            "text": found.text,
            "speech": found.speech,
            "gap": found.gap.value,
            "gap_low": found.gap.low,
            "gap_high": found.gap.high,
            "relative_gap": found.relative_gap.value,
            "relative_gap_low": found.relative_gap.low,
            "relative_gap_high": found.relative_gap.high,
            "text_right_speech_wrong": found.mcnemar.only_a,
            "speech_right_text_wrong": found.mcnemar.only_b,
            "mcnemar_p": found.mcnemar.p_value,
        }
        rows.append({**row, **_mrr_columns(part)})
    return pd.DataFrame(rows)


def _mrr_columns(part: pd.DataFrame) -> dict[str, float | str]:
    has_backbone = TEXT_BACKBONE in part and not part[[SPEECH, TEXT_BACKBONE]].dropna().empty
    below = TEXT_BACKBONE if has_backbone else TEXT
    name = "original text backbone" if below == TEXT_BACKBONE else "the model itself (no --backbone was run)"
    found = mrr(part[SPEECH].to_numpy(), part[below].to_numpy(), name)
    return {"mrr": found.mrr.value, "mrr_low": found.mrr.low, "mrr_high": found.mrr.high, "mrr_denominator": name}


def intervention_table(run: ScoredRun) -> pd.DataFrame:
    """Score of each intervention and its gain over unedited speech, in points (paper, tables 4 to 7)."""
    columns = ["model", "task", "intervention", "n", "score", "gain", "gain_low", "gain_high", "share_of_gap"]
    rows = []
    for task, part in run.by_task():
        for name in run.interventions:
            both = part.reindex(columns=[TEXT, SPEECH, name]).dropna()
            if both.empty:
                continue
            gain = paired_bootstrap(_mean_difference, 100 * both[name].to_numpy(), 100 * both[SPEECH].to_numpy())
            whole = 100 * float((both[TEXT] - both[SPEECH]).mean())
            share = 100 * gain.value / whole if whole else float("nan")
            told = (run.model, task, name, len(both), 100 * both[name].mean(), gain.value, gain.low, gain.high, share)
            rows.append(dict(zip(columns, told, strict=True)))
    return pd.DataFrame(rows, columns=columns)


def _mean_difference(one: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.mean(one, axis=axis) - np.mean(other, axis=axis)


def slice_table(run: ScoredRun) -> pd.DataFrame:
    """GAP, and mean alignment, within each value of each slice."""
    parts = [
        by_slice(run.wide, column, TEXT, SPEECH)
        .merge(run.wide.groupby(column)[list(MEASURES)].mean().reset_index(), on=column, how="left")
        .rename(columns={column: "value"})
        .sort_values("value", key=_in_order, kind="stable")
        .assign(slice=column)
        for column in run.slice_columns
        if run.wide[column].nunique() > 1
    ]
    if not parts:
        return pd.DataFrame(columns=["model", "slice", "value", "n", "text", "speech", "gap", "gap_low", "gap_high"])
    table = pd.concat(parts, ignore_index=True).assign(model=run.model)
    first = ["model", "slice", "value"]
    return table[[*first, *(c for c in table.columns if c not in first)]]


def _in_order(values: pd.Series) -> pd.Series:
    """Numbers by size, then words."""
    return pd.to_numeric(values, errors="coerce").fillna(np.inf)


def alignment_table(run: ScoredRun) -> pd.DataFrame:
    """Means of similarity, APS, monotonicity and their null, for all items and by what was answered right."""
    items = run.wide
    right_text, right_speech = items[TEXT] >= RIGHT, items[SPEECH] >= RIGHT
    wrong_text, wrong_speech = items[TEXT] < RIGHT, items[SPEECH] < RIGHT  # what has no score is neither
    groups = {
        "all": items,
        "speech right": items[right_speech],
        "text right, speech wrong": items[right_text & wrong_speech],
        "both wrong": items[wrong_text & wrong_speech],
    }
    names = [c for c in ITEMS if c.startswith(("cosine", "euclidean", "aps", "mono", "path", "null"))]
    rows = [{"model": run.model, "items": g, "n": len(part), **part[names].mean()} for g, part in groups.items()]
    return pd.DataFrame(rows)


def correlation_table(run: ScoredRun) -> pd.DataFrame:
    """Over items: how similarity and APS go with a right spoken answer."""
    columns = ["model", "measure", "n", "spearman", "spearman_low", "spearman_high", "point_biserial"]
    rows = []
    for measure in MEASURES:
        both = run.wide[[measure, SPEECH]].dropna()
        if len(both) > 1:
            found = correlation(both[measure].to_numpy(), both[SPEECH].to_numpy())
            told = (found.spearman.value, found.spearman.low, found.spearman.high, found.point_biserial.value)
            rows.append(dict(zip(columns, (run.model, measure, found.n, *told), strict=True)))
    return pd.DataFrame(rows, columns=columns)


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


def layer_curve_table(run: ScoredRun) -> pd.DataFrame:
    """Mean over items of each layer's quantities, with the 5th and 95th percentile of the two curves.

    Empty where every item failed.
    """
    if run.results.layers.empty:
        return pd.DataFrame(columns=["entry", *LAYERS, "model"])
    grouped = run.results.layers.drop(columns=["row", "id"]).groupby("entry")
    table = grouped.mean()
    for name in ("cosine", "euclidean"):
        quantiles = grouped[name].quantile([0.05, 0.95]).unstack()
        table[f"{name}_p05"], table[f"{name}_p95"] = quantiles[0.05], quantiles[0.95]
    return table.reset_index().assign(model=run.model)


def model_table(runs: Sequence[ScoredRun]) -> pd.DataFrame:
    """One row a model: GAP and mean alignment, what the paper's figures 5 and 7 are drawn from."""
    rows = []
    for run in runs:
        overall = gap_table(run)
        if len(overall):
            last = overall.iloc[-1]
            means = run.wide[list(MEASURES)].mean()
            rows.append({"model": run.model, **run.tags, **last[["n", "text", "speech", "gap"]].to_dict(), **means})
    tags = dict.fromkeys(name for run in runs for name in run.tags)
    return pd.DataFrame(rows, columns=["model", *tags, "n", "text", "speech", "gap", *MEASURES])


NO_TAGS = ("model", "n", "text", "speech", "gap", *MEASURES)
"""Columns of `model_table` beside the tags."""

TABLES_OF_RUN = {
    "scores": score_table,
    "gap": gap_table,
    "scorers": scorer_table,
    "interventions": intervention_table,
    "slices": slice_table,
    "alignment": alignment_table,
    "correlation": correlation_table,
    "items": item_table,
    "layer_curves": layer_curve_table,
    "status": status_table,
}
"""Every table of one model, by its name in exports."""
