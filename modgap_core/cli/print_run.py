"""A run in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from modgap_core.corpus.read.model_regression import partial_words, regression_words, try_regression
from modgap_core.corpus.read.scored_runs import scored_runs
from modgap_core.corpus.read.tables import (
    ScoredRun,
    agreement_table,
    corpus_quantity_table,
    correlation_table,
    decomposition_table,
    gap_table,
    intervention_table,
    model_table,
    score_table,
    status_table,
)
from modgap_core.corpus.read.tables.models import measures_of
from modgap_core.corpus.store.run_folder import RunFolder
from modgap_core.corpus.store.shard import FAILED
from modgap_core.interventions.method import USES_WORDS
from modgap_core.metrics.quantity import QUANTITIES

_TESTS = ("text_right", "speech_right", "mde", "p", "mrr")
"""Beginnings of the columns of GAP's second table."""


def print_run(run: RunFolder, console: Console, clusters: Sequence[str] | None = None) -> None:
    """Print status, scores, GAP, interventions and correlations of each model.

    Args:
        run: from `load_run`.
        console: where to.
        clusters: columns that tell clusters apart; by default those that the run was given.
    """
    console.print(Text(f"{run.header['manifest']['name']}: {run.n_items} items", style="bold"))
    runs = scored_runs(run, clusters)
    for scored in runs:
        _print_model(scored, console)
    _print_regressions(runs, console)


def _print_regressions(runs: Sequence[ScoredRun], console: Console) -> None:
    table = model_table(runs)
    if len(table) < 2:
        return
    measures = measures_of(runs)
    console.print(_shown("Models", table.drop(columns=measures)))
    console.print(_shown("Means over items", table[["model", *measures]]))
    for measure in measures:
        fit, why_not = try_regression(table, measure)
        told = why_not if fit is None else f"{regression_words(fit)} {partial_words(table, measure)}"
        console.print(Text(f"GAP on {measure}: {told}"))


def _print_model(run: ScoredRun, console: Console) -> None:
    status = status_table(run)
    failed = status[status.status == FAILED]
    console.print(Text(f"{run.model}: {failed['items'].sum()} of {status['items'].sum()} items failed"))
    for row in failed.itertuples():
        console.print(Text(f"  {row.items}: {row.reason}"))
    gaps = gap_table(run)
    tests = [str(name) for name in gaps if name in ("model", "task") or str(name).startswith(_TESTS)]
    console.print(Text(f"95 % intervals and tests {run.clusters.words}."))
    named = {
        "Scores, points": score_table(run),
        "GAP, points, with 95 % intervals": gaps.drop(columns=[*tests[2:], "cluster_by"], errors="ignore"),
        "Sign-flip test, smallest detectable GAP (MDE, points), and MRR": gaps[tests],
        "Gap to the original backbone = forgetting + misalignment, points": decomposition_table(run),
        "Agreement of speech with the pipeline": agreement_table(run),
        **_plugged(run),
        **_interventions(run),
        "Correlation of alignment with a right spoken answer": correlation_table(run),
    }
    for title, table in named.items():
        if len(table):
            console.print(_shown(title, table.drop(columns="model")))
    if run.interventions:
        console.print(Text(USES_WORDS))


def _plugged(run: ScoredRun) -> dict[str, pd.DataFrame]:
    """Quantities of the whole run that other packages declare; ModGap's own stand in the tables above."""
    table = corpus_quantity_table(run)
    further = table[~table.quantity.isin(QUANTITIES.own_names())]
    return {"Further quantities of the run": further.drop(columns="source")} if len(further) else {}


def _interventions(run: ScoredRun) -> dict[str, pd.DataFrame]:
    """By task: what fits a terminal; the exports have all columns."""
    table = intervention_table(run)
    kept = ["model", "intervention", "score", "gain", "gain_low", "gain_high", "mde", "p_holm", "answers_injected"]
    told = {}
    for task, part in table.groupby("task", sort=False):
        first = part.iloc[0]
        asked = part.answers_injected.map(lambda value: "" if pd.isna(value) else f"{value:.3g}")
        title = f"Interventions, {task}: gain over unedited speech, points; n = {first.n}, C = {first.clusters}"
        told[title] = part[kept].assign(answers_injected=asked)
    return told


def _shown(title: str, table: pd.DataFrame) -> Table:
    table = _with_intervals(table)
    shown = Table(*(Column(str(name).replace("_", " "), overflow="fold") for name in table.columns), title=title)
    for row in table.itertuples(index=False):
        shown.add_row(*(Text(_cell(value)) for value in row))
    return shown


def _with_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """One column ``x [low, high]`` for three."""
    table = table.copy()
    for low in [name for name in table.columns if name.endswith("_low")]:
        name, high = low.removesuffix("_low"), low.replace("_low", "_high")
        triples = zip(table[name], table[low], table[high], strict=True)
        table[name] = [_cell(v) if pd.isna(a) else f"{_cell(v)} [{_cell(a)}, {_cell(b)}]" for v, a, b in triples]
        table = table.drop(columns=[low, high])
    return table


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "undefined" if pd.isna(value) else f"{value:.3g}"
    return str(value)
