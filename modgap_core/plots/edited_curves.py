"""The layer curves of an edited run over the unedited one."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from modgap_core.errors import ModGapError
from modgap_core.interventions.outcome import InterventionResult, Outcome
from modgap_core.plots.style import NULL_LINE_COLOUR, colour_of, finish, layer_axis_title

_ROWS = (("curve", "f of the means"), ("aps_terms", "APS term"))


def edited_curves(result: InterventionResult, edited: Outcome | int = 0) -> go.Figure:
    """Layer curves and APS terms, layers 0..L (L before the final norm), before and after.

    Args:
        result: holds the unedited run.
        edited: one of its edited runs, or its number among them.
    """
    edited = edited_run(result, edited)
    names = result.similarities
    titles = [f"{words}, {name}" for _, words in _ROWS for name in names]
    spacing = {"vertical_spacing": 0.16, "horizontal_spacing": 0.18 / max(2, len(names))}
    figure = make_subplots(rows=2, cols=len(names), subplot_titles=titles, **spacing)
    for row, (quantity, _) in enumerate(_ROWS, start=1):
        for column, name in enumerate(names, start=1):
            for outcome in (result.speech, edited):
                line = _line(colour_of(name, names), outcome is edited)
                _add(figure, outcome, quantity, name, (row, column), line)
    layers = result.provenance.n_layers
    figure.update_xaxes(title_text=layer_axis_title(layers), row=2)
    return finish(figure, height=560)


def edited_run(result: InterventionResult, edited: Outcome | int) -> Outcome:
    """One of the edited runs.

    Raises:
        ModGapError: there is none of that number.
    """
    if isinstance(edited, Outcome):
        return edited
    if not 0 <= edited < len(result.edited):
        raise ModGapError(f"There is no edited run {edited}; this result has {len(result.edited)}, from 0.")
    return result.edited[edited]


def _line(colour: str, edited: bool) -> dict[str, object]:
    return {"color": colour, "width": 3} if edited else {"color": NULL_LINE_COLOUR, "width": 2, "dash": "dot"}


def _add(
    figure: go.Figure,
    outcome: Outcome,
    quantity: str,
    similarity: str,
    place: tuple[int, int],
    line: dict[str, object],
) -> None:
    values, edited = getattr(outcome.values(similarity), quantity)[:-1], outcome.condition is not None
    figure.add_trace(
        go.Scatter(
            x=list(range(len(values))),
            y=values,
            mode="lines+markers",
            line=line,
            name="edited speech" if edited else "speech as it is",
            legendgroup=str(edited),
            showlegend=place == (1, 1),
            hovertemplate="%{y:.3f}",
        ),
        row=place[0],
        col=place[1],
    )
