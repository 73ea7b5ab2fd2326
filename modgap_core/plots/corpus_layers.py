"""Layer curves of a corpus: mean over items; for a few models also the items' band and the mismatched pairs."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb, sample_colorscale
from plotly.subplots import make_subplots

from modgap_core.metrics import QUANTITIES, SIMILARITIES
from modgap_core.plots.style import NULL_LINE_COLOUR, SERIES_COLOURS, finish

_TALL_PX = 400
FEW = 4
"""Models up to which bands can still be told apart."""


def corpus_layer_curves(tables: Sequence[pd.DataFrame], curves: Sequence[str] = ("cosine", "euclidean")) -> go.Figure:
    """The layer curves over layers 0..L (L before the final norm), one colour a model.

    Args:
        tables: one a model, from `layer_curve_table`; the last entry, after the norm, is left out. More than four
            get no bands and colours from dark to light, in their order.
        curves: columns of the layer curves, names of similarity functions.
    """
    figure = make_subplots(
        cols=max(1, len(curves)),
        subplot_titles=[
            QUANTITIES.get("similarity").title_of(name) if name in SIMILARITIES else name for name in curves
        ],
        horizontal_spacing=0.18 / max(2, len(curves)),
    )
    few = len(tables) <= FEW
    colours = SERIES_COLOURS if few else sample_colorscale("Viridis", len(tables), high=0.9)
    for number, table in enumerate(tables):
        if table.empty:
            continue
        for column, name in enumerate(curves, start=1):
            curve, colour = table.iloc[:-1], colours[number]
            traces = [_mean(curve, name, column, colour, few)]
            if few:
                mismatched = [_mismatched(curve, name, column)] if f"null_{name}" in curve else []
                traces = [*_band(curve, name, colour), *traces, *mismatched]
            for trace in traces:
                figure.add_trace(trace, row=1, col=column)
    figure.update_xaxes(title_text="layer (0 = LLM input, the last before the final norm)")
    if few:
        return finish(figure)
    beside = {"orientation": "v", "x": 1.02, "y": 1, "yanchor": "top"}
    return finish(figure, _TALL_PX).update_layout(legend=beside, hovermode="closest")


def _band(table: pd.DataFrame, name: str, colour: str) -> list[go.Scatter]:
    unseen = {"hoverinfo": "skip", "showlegend": False, "mode": "lines", "line": {"width": 0}}
    shared = {**unseen, "x": table.entry, "legendgroup": _model(table)}
    shade = f"rgba{(*hex_to_rgb(colour), 0.18)}"
    return [
        go.Scatter(y=table[f"{name}_p05"], **shared),
        go.Scatter(y=table[f"{name}_p95"], fill="tonexty", fillcolor=shade, **shared),
    ]


def _mean(table: pd.DataFrame, name: str, column: int, colour: str, has_band: bool) -> go.Scatter:
    model = _model(table)
    return go.Scatter(
        x=table.entry,
        y=table[name],
        mode="lines+markers",
        name=f"{model}, mean; band: 5 to 95 % of items" if has_band else model,
        legendgroup=model,
        showlegend=column == 1,
        line={"color": colour, "width": 3 if has_band else 2},
        hovertemplate="%{y:.3f}" if has_band else f"{escape(model)}: %{{y:.3f}}<extra></extra>",
    )


def _mismatched(table: pd.DataFrame, name: str, column: int) -> go.Scatter:
    return go.Scatter(
        x=table.entry,
        y=table[f"null_{name}"],
        mode="lines",
        name=f"{_model(table)}, mismatched pairs",
        showlegend=column == 1,
        line={"color": NULL_LINE_COLOUR, "dash": "dot"},
        hovertemplate="%{y:.3f}",
    )


def _model(table: pd.DataFrame) -> str:
    return str(table.model.iloc[0])
