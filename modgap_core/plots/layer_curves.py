"""The layer curves with their null reference in the same plot (paper, section 4)."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from modgap_core.plots.style import NULL_COLOUR, NULL_LINE_COLOUR, colour_of, finish, layer_axis_title
from modgap_core.results.pair_result import PairResult


def layer_curves(result: PairResult, after_norm: bool = False) -> go.Figure:
    """The layer curve of each similarity function, layers 0..L, with the band of mismatched pairs.

    Args:
        result: of one pair.
        after_norm: show layer L after the final norm instead of before.
    """
    names = result.similarities
    titles = [result.measured.layer_values("similarity", name).title for name in names]
    figure = make_subplots(cols=len(names), subplot_titles=titles, horizontal_spacing=0.18 / max(2, len(names)))
    for column, name in enumerate(names, start=1):
        _add_null(figure, result, name, after_norm, column)
        _add_curve(figure, result, name, after_norm, column)
    title = layer_axis_title(result.n_layers, after_norm)
    figure.update_xaxes(title_text=title, dtick=max(1, result.n_layers // 12))
    return finish(figure)


def _add_curve(figure: go.Figure, result: PairResult, similarity: str, after_norm: bool, column: int) -> None:
    curve = result.values(similarity).curve[result.entries(after_norm)]
    figure.add_trace(
        go.Scatter(
            x=list(range(result.n_layers + 1)),
            y=curve,
            mode="lines+markers",
            name=f"this pair, {similarity}",
            line={"color": colour_of(similarity, result.similarities), "width": 3},
            hovertemplate="%{y:.3f}",
        ),
        row=1,
        col=column,
    )


def _add_null(figure: go.Figure, result: PairResult, similarity: str, after_norm: bool, column: int) -> None:
    if result.values(similarity).null_curve.size == 0:
        return
    band, layers = result.null_curve_band(similarity, after_norm), list(range(result.n_layers + 1))
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
