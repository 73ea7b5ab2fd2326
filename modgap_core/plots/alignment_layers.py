"""Monotonicity, path consistency and the APS terms by layer (paper, section 5)."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from modgap_core.plots.layer_curves import layer_axis_title
from modgap_core.plots.style import (
    CONSISTENCY_COLOUR,
    COSINE_COLOUR,
    EUCLIDEAN_COLOUR,
    NULL_COLOUR,
    finish,
)
from modgap_core.metrics.metric import Metric
from modgap_core.metrics.null_reference import null_band
from modgap_core.results.pair_result import PairResult

_COLOURS = {Metric.COSINE: COSINE_COLOUR, Metric.EUCLIDEAN: EUCLIDEAN_COLOUR}


def alignment_layers(result: PairResult, after_norm: bool = False) -> go.Figure:
    """Three panels over layers 0..L: monotonicity and consistency, APS terms for cosine, and for distance."""
    titles = ("Monotonicity and path consistency", "APS terms, cosine", "APS terms, Euclidean")
    figure = make_subplots(cols=3, subplot_titles=titles, horizontal_spacing=0.07)
    layers, entries = list(range(result.n_layers + 1)), result.entries(after_norm)
    _band(figure, result.cosine.null_monotonicity[:, entries], 1, "shuffled token order, 5 to 95 %")
    for metric in Metric:
        _line(figure, result.values(metric).monotonicity[entries], f"Spearman, {metric} path", _COLOURS[metric], 1)
    _line(figure, result.consistency[entries], "path consistency", CONSISTENCY_COLOUR, 1)
    for column, metric in enumerate(Metric, start=2):
        values = result.values(metric)
        _band(figure, values.null_aps_terms[:, entries], column, "mismatched pairs, 5 to 95 %")
        _line(figure, values.aps_terms[entries], f"APS term, {metric}", _COLOURS[metric], column)
    figure.update_xaxes(title_text=layer_axis_title(result, after_norm), dtick=max(1, len(layers) // 8))
    return finish(figure)


def _line(figure: go.Figure, y: np.ndarray, name: str, colour: str, column: int) -> None:
    figure.add_trace(
        go.Scatter(
            x=list(range(len(y))),
            y=y,
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 2.5},
            hovertemplate="%{y:.3f}",
        ),
        row=1,
        col=column,
    )


def _band(figure: go.Figure, samples: np.ndarray, column: int, name: str) -> None:
    if samples.size == 0:
        return
    band = null_band(samples)
    x = list(range(len(band.low)))
    figure.add_trace(
        go.Scatter(
            x=[*x, *reversed(x)],
            y=[*band.low, *reversed(band.high)],
            mode="lines",
            fill="toself",
            fillcolor=NULL_COLOUR,
            line={"width": 0},
            name=name,
            hoverinfo="skip",
            showlegend=column < 3,
        ),
        row=1,
        col=column,
    )
