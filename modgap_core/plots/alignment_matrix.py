"""The similarity matrix of one layer with its alignment path, as a still figure for export (section 5.1)."""

from __future__ import annotations

import html

import numpy as np
import plotly.graph_objects as go

from modgap_core.metrics.metric import Metric
from modgap_core.results.pair_result import PairResult

_COLOUR_SCALES = {Metric.COSINE: "Viridis", Metric.EUCLIDEAN: "Viridis_r"}
_TITLES = {Metric.COSINE: "cosine similarity", Metric.EUCLIDEAN: "Euclidean distance"}


def alignment_matrix(result: PairResult, metric: Metric, entry: int) -> go.Figure:
    """A_l with speech tokens across in seconds, text tokens down, and the path as diamonds.

    Args:
        result: of one pair.
        metric: cosine or Euclidean.
        entry: 0..L, or L + 1 for layer L after the final norm.
    """
    values = result.values(metric)
    centres = result.speech_spans_s.mean(axis=1)
    labels = [f"{j}: {html.escape(token.text.strip())}" for j, token in enumerate(result.text_tokens)]
    path = values.path[entry]
    partner = path >= 0
    figure = go.Figure()
    figure.add_trace(
        go.Heatmap(
            z=values.matrix[entry].T,
            x=centres,
            y=labels,
            colorscale=_COLOUR_SCALES[metric],
            zmin=float(np.nanmin(values.matrix)),
            zmax=float(np.nanmax(values.matrix)),
            colorbar={"title": _TITLES[metric]},
        )
    )
    figure.add_trace(
        go.Scatter(
            x=centres[path[partner]],
            y=[label for label, has in zip(labels, partner, strict=True) if has],
            mode="lines+markers",
            marker={"symbol": "diamond", "size": 10, "color": "white", "line": {"color": "black", "width": 1}},
            line={"color": "white", "width": 1},
            name="alignment path",
        )
    )
    figure.update_yaxes(autorange="reversed", title="text token")
    figure.update_xaxes(title="time in s (speech tokens)")
    figure.update_layout(title=f"A_l, layer {result.layer_labels[entry]}, {_TITLES[metric]}", height=420)
    return figure
