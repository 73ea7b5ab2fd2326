"""The layer curves of an edited run over the unedited one."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from modgap_core.plots.style import COSINE_COLOUR, EUCLIDEAN_COLOUR, NULL_LINE_COLOUR, finish
from modgap_core.interventions.outcome import InterventionResult, Outcome
from modgap_core.metrics.metric import Metric

_COLOURS = {Metric.COSINE: COSINE_COLOUR, Metric.EUCLIDEAN: EUCLIDEAN_COLOUR}
_ROWS = (("curve", "f of the means"), ("aps_terms", "APS term"))


def edited_curves(result: InterventionResult, edited: Outcome) -> go.Figure:
    """Layer curves and APS terms, layers 0..L (L before the final norm), before and after.

    Args:
        result: holds the unedited run.
        edited: one of its edited runs.
    """
    titles = [f"{name}, {metric}" for _, name in _ROWS for metric in Metric]
    figure = make_subplots(rows=2, cols=2, subplot_titles=titles, vertical_spacing=0.16, horizontal_spacing=0.09)
    for row, (quantity, _) in enumerate(_ROWS, start=1):
        for column, metric in enumerate(Metric, start=1):
            for outcome in (result.speech, edited):
                _add(figure, outcome, quantity, metric, (row, column), outcome is edited)
    layers = result.provenance.n_layers
    figure.update_xaxes(title_text=f"layer (0 = LLM input, {layers} before the final norm)", row=2)
    return finish(figure, height=560)


def _add(
    figure: go.Figure, outcome: Outcome, quantity: str, metric: Metric, place: tuple[int, int], edited: bool
) -> None:
    values = getattr(outcome.values(metric), quantity)[:-1]
    line = {"color": _COLOURS[metric], "width": 3} if edited else {"color": NULL_LINE_COLOUR, "width": 2, "dash": "dot"}
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
