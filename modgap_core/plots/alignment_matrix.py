"""The similarity matrix of one layer with its alignment path, as a still figure for export (section 5.1)."""

from __future__ import annotations

import html

import numpy as np
import plotly.graph_objects as go

from modgap_core.metrics import DEFAULT_PATH
from modgap_core.plots.style import scale_of, title_of
from modgap_core.results.pair_result import PairResult


def alignment_matrix(
    result: PairResult, similarity: str = "cosine", entry: int = -2, path_name: str = DEFAULT_PATH
) -> go.Figure:
    """A_l with speech tokens across in seconds, text tokens down, and the path as diamonds.

    Args:
        result: of one pair.
        similarity: name of the similarity function.
        entry: 0..L, or L + 1 for layer L after the final norm; by default layer L before it.
        path_name: name of the path.
    """
    values, title = result.values(similarity, path_name), title_of(similarity)
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
            colorscale=scale_of(result.measured.higher_is_better(similarity)),
            zmin=float(np.nanmin(values.matrix)),
            zmax=float(np.nanmax(values.matrix)),
            colorbar={"title": title},
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
    figure.update_layout(title=f"A_l, layer {result.layer_labels[entry]}, {title}", height=420)
    return figure
