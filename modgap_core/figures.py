"""Figures by name: functions from a result to a plotly figure, which app, report and notebook draw alike.

The functions themselves lie in `modgap_core.plots` and need plotly; nothing is imported before a figure is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from modgap_core.errors import ModGapError
from modgap_core.extras import need_extra
from modgap_core.registry import Registry, deferred

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Subject(StrEnum):
    """Of what a figure is."""

    PAIR = "pair"
    INTERVENTION = "intervention"
    RUNS = "runs"


@dataclass(frozen=True)
class Figure:
    """A figure, declared once; ``plot()`` of a result, the downloads and the report follow from it.

    Attributes:
        name: the key; also of downloaded files.
        title: for people.
        of: its subject.
        draw: from a `PairResult`, an `InterventionResult` or the `ScoredRun` of several models, and options by name, to
            a plotly figure.
        source: where it comes from.
        is_empty: whether there is nothing to draw of a subject.
    """

    name: str
    title: str
    of: Subject
    draw: Callable[..., go.Figure]
    source: str = "ours"
    is_empty: Callable[[Any], bool] = lambda _: False


_PLOTS = "modgap_core.plots"


def _of_pair(name: str, title: str, place: str, **more: Any) -> Figure:
    return Figure(name, title, Subject.PAIR, deferred(f"{_PLOTS}.{place}"), **more)


def _of_intervention(name: str, title: str, place: str) -> Figure:
    return Figure(name, title, Subject.INTERVENTION, deferred(f"{_PLOTS}.{place}"), "paper, section 5.3")


def _of_runs(name: str, title: str, place: str, source: str = "ours") -> Figure:
    return Figure(
        name,
        title,
        Subject.RUNS,
        deferred(f"{_PLOTS}.of_runs:{place}"),
        source,
        deferred(f"{_PLOTS}.of_runs:{place}_is_empty"),
    )


LAYER_CURVES = _of_pair(
    "layer_curves", "Layer curves with mismatched pairs", "layer_curves:layer_curves", source="paper, section 4"
)
ALIGNMENT = _of_pair(
    "alignment_by_layer",
    "Monotonicity, path consistency and APS terms",
    "alignment_layers:alignment_layers",
    source="paper, section 5",
)
MATRIX = _of_pair(
    "matrix", "The matrix of one layer with its path", "alignment_matrix:alignment_matrix", source="paper, section 5.1"
)
CELL = _of_pair("cell", "One cell of the matrix over the layers", "cell_over_layers:cell_over_layers")
FURTHER = _of_pair(
    "further_quantities",
    "Quantities of other packages by layer",
    "further_quantities:further_quantities",
    is_empty=deferred(f"{_PLOTS}.further_quantities:is_empty"),
)
EDITED = _of_intervention("edited_curves", "Layer curves before and after an edit", "edited_curves:edited_curves")
CHANGE = _of_intervention("matrix_change", "The matrix before and after an edit", "matrix_change:matrix_change")
FIRST = _of_intervention("first_token", "The answer's first token in three runs", "first_token:first_token")
GAPS = _of_runs("gap", "GAP by task and model", "gap", "paper, table 2")
SCORES = _of_runs("scores", "Scores by condition", "scores", "paper, tables 1 and 3")
GAINS = _of_runs("interventions", "Gain of each intervention", "interventions", "paper, tables 4 to 7")
RUN_CURVES = _of_runs("corpus_layer_curves", "Layer curves over a corpus", "corpus_layer_curves", "paper, figure 2")
REGRESSION = _of_runs("regression", "GAP against alignment over models", "regression", "paper, figures 5 and 7")
OUTCOME = _of_runs("outcome", "A quantity by what was answered right", "outcome")

_HERE = "modgap_core.figures"
FIGURES: Registry[Figure] = Registry(
    "figure",
    "modgap.figures",
    {
        "layer_curves": f"{_HERE}:LAYER_CURVES",
        "alignment_by_layer": f"{_HERE}:ALIGNMENT",
        "matrix": f"{_HERE}:MATRIX",
        "cell": f"{_HERE}:CELL",
        "further_quantities": f"{_HERE}:FURTHER",
        "edited_curves": f"{_HERE}:EDITED",
        "matrix_change": f"{_HERE}:CHANGE",
        "first_token": f"{_HERE}:FIRST",
        "gap": f"{_HERE}:GAPS",
        "scores": f"{_HERE}:SCORES",
        "interventions": f"{_HERE}:GAINS",
        "corpus_layer_curves": f"{_HERE}:RUN_CURVES",
        "regression": f"{_HERE}:REGRESSION",
        "outcome": f"{_HERE}:OUTCOME",
    },
    Figure,
)


def figures_of(subject: Subject) -> list[Figure]:
    """The figures of a kind of subject."""
    return [figure for figure in FIGURES if figure.of == subject]


def drawn(of: Subject, subject: Any, name: str, **options: Any) -> go.Figure:
    """A figure by its name.

    Args:
        of: what the subject is.
        subject: a result, or several models' runs.
        name: of the figure.
        options: of the figure.

    Raises:
        ModGapError: there is no such figure of this subject, it takes no such option, or plotly is not installed.
    """
    figure = FIGURES.get(name)
    if figure.of != of:
        names = ", ".join(each.name for each in figures_of(of))
        raise ModGapError(f"The figure {name!r} is one of {figure.of}, not of {of}; choose from {names}.")
    need_extra("app", "A figure", "plotly")
    try:
        return figure.draw(subject, **options)
    except TypeError as error:
        if "unexpected keyword argument" in str(error):
            raise ModGapError(f"The figure {name!r} takes no such option ({error}).") from error
        raise
