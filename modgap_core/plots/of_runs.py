"""Figures of the models of runs, each from the tables that it draws."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from modgap_core.corpus.read.model_regression import regressions
from modgap_core.corpus.read.tables import (
    ScoredRun,
    gap_table,
    intervention_table,
    layer_curve_table,
    model_table,
    score_table,
)
from modgap_core.corpus.read.tables.models import measures_of
from modgap_core.plots.corpus_gap import gain_bars, gap_bars, score_bars
from modgap_core.plots.corpus_layers import corpus_layer_curves as curves_of_tables
from modgap_core.plots.corpus_regression import gap_regression, measure_by_outcome

Runs = Sequence[ScoredRun]


def gap(runs: Runs) -> go.Figure:
    """GAP of each task of one model, or of each model over all its items."""
    table = _gaps(runs)
    if len(runs) == 1:
        return gap_bars(table, "task")
    return gap_bars(table.groupby("model", sort=False).tail(1), "model")


def gap_is_empty(runs: Runs) -> bool:
    """Whether no item has both scores."""
    return _gaps(runs).empty


def _gaps(runs: Runs) -> pd.DataFrame:
    return pd.concat([gap_table(run) for run in runs], ignore_index=True)


def scores(runs: Runs) -> go.Figure:
    """Scores of one model by condition, over all its tasks, without interventions."""
    run = runs[-1]
    table = score_table(run)
    last = table[table.task == table.task.iloc[-1]]
    return score_bars(last[~last.condition.isin(run.interventions)])


def scores_is_empty(runs: Runs) -> bool:
    """Whether nothing was scored."""
    return score_table(runs[-1]).empty


def interventions(runs: Runs) -> go.Figure:
    """Gains of one model's interventions, over all its tasks."""
    table = intervention_table(runs[-1])
    return gain_bars(table[table.task == table.task.iloc[-1]])


def interventions_is_empty(runs: Runs) -> bool:
    """Whether none was run."""
    return intervention_table(runs[-1]).empty


def corpus_layer_curves(runs: Runs) -> go.Figure:
    """Layer curves of all models."""
    return curves_of_tables([layer_curve_table(run) for run in runs], _curves(runs))


def _curves(runs: Runs) -> list[str]:
    first, *others = [run.curves for run in runs]
    return [name for name in first if all(name in other for other in others)]


def corpus_layer_curves_is_empty(runs: Runs) -> bool:
    """Whether the models have no curve in common."""
    return not _curves(runs)


def regression(runs: Runs, measure: str = "aps_cosine", by: str = "") -> go.Figure:
    """GAP against a quantity, one point a model.

    Args:
        runs: of the models.
        measure: column of the quantity.
        by: a tag that groups the models; empty for one group.
    """
    table = model_table(runs)
    found = regressions(table, measure, by)
    return gap_regression(table, measure, {name: fit for name, (fit, _) in found.items()}, by)


def regression_is_empty(runs: Runs) -> bool:
    """Whether there are too few models."""
    return len(runs) < 2


def outcome(runs: Runs, measure: str = "") -> go.Figure:
    """How a quantity of one model's items is spread over right and wrong spoken answers.

    Args:
        runs: the last one is drawn.
        measure: column of the quantity; by default APS cosine, or the first that was measured.
    """
    return measure_by_outcome(runs[-1].wide, measure or default_measure(runs))


def outcome_is_empty(runs: Runs) -> bool:
    """Whether nothing was measured."""
    return not runs[-1].measures


def default_measure(runs: Runs) -> str:
    """The quantity that is shown first: APS with cosine, where it was measured."""
    measures = measures_of(runs)
    return "aps_cosine" if "aps_cosine" in measures or not measures else measures[0]
