"""The layer curves with their null reference in the same plot (paper, section 4)."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from modgap_core.plots.style import COSINE_COLOUR, EUCLIDEAN_COLOUR, NULL_COLOUR, NULL_LINE_COLOUR, finish
from modgap_core.metrics.metric import Metric
from modgap_core.results.pair_result import PairResult

_TITLES = ("Cosine similarity of mean-pooled states", "Euclidean distance of mean-pooled states")
_COLOURS = {Metric.COSINE: COSINE_COLOUR, Metric.EUCLIDEAN: EUCLIDEAN_COLOUR}


def layer_axis_title(result: PairResult, after_norm: bool) -> str:
    """The layer convention in words, for the axis."""
    place = "after" if after_norm else "before"
    return f"layer (0 = LLM input, {result.n_layers} {place} the final norm)"


def layer_curves(result: PairResult, after_norm: bool = False) -> go.Figure:
    """Cosine and Euclidean layer curves, layers 0..L, with the band of mismatched pairs.

    Args:
        result: of one pair.
        after_norm: show layer L after the final norm instead of before.
    """
    figure = make_subplots(cols=2, subplot_titles=_TITLES, horizontal_spacing=0.09)
    for column, metric in enumerate(Metric, start=1):
        _add_null(figure, result, metric, after_norm, column)
        _add_curve(figure, result, metric, after_norm, column)
    figure.update_xaxes(title_text=layer_axis_title(result, after_norm), dtick=max(1, result.n_layers // 12))
    return finish(figure)


def _add_curve(figure: go.Figure, result: PairResult, metric: Metric, after_norm: bool, column: int) -> None:
    curve = result.values(metric).curve[result.entries(after_norm)]
    figure.add_trace(
        go.Scatter(
            x=list(range(result.n_layers + 1)),
            y=curve,
            mode="lines+markers",
            name=f"this pair, {metric}",
            line={"color": _COLOURS[metric], "width": 3},
            hovertemplate="%{y:.3f}",
        ),
        row=1,
        col=column,
    )


def _add_null(figure: go.Figure, result: PairResult, metric: Metric, after_norm: bool, column: int) -> None:
    if result.values(metric).null_curve.size == 0:
        return
    band, layers = result.null_curve_band(metric, after_norm), list(range(result.n_layers + 1))
    shared = {"hoverinfo": "skip", "legendgroup": "null", "mode": "lines"}
    edge = {"width": 0, "color": NULL_COLOUR}
    figure.add_trace(go.Scatter(x=layers, y=band.low, line=edge, showlegend=False, **shared), row=1, col=column)
    figure.add_trace(
        go.Scatter(
            x=layers,
            y=band.high,
            line=edge,
            fill="tonexty",
            fillcolor=NULL_COLOUR,
            name=f"mismatched pairs (n = {band.n}), 5 to 95 %",
            showlegend=column == 1,
            **shared,
        ),
        row=1,
        col=column,
    )
    figure.add_trace(
        go.Scatter(
            x=layers,
            y=band.mean,
            mode="lines",
            line={"color": NULL_LINE_COLOUR, "dash": "dot"},
            name="mean of mismatched pairs",
            legendgroup="null",
            showlegend=column == 1,
            hovertemplate="%{y:.3f}",
        ),
        row=1,
        col=column,
    )
