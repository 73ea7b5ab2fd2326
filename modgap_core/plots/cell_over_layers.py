"""One cell of the similarity matrix followed through the layers."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from modgap_core.plots.layer_curves import layer_axis_title
from modgap_core.plots.style import COSINE_COLOUR, EUCLIDEAN_COLOUR, finish
from modgap_core.metrics.metric import Metric
from modgap_core.results.pair_result import PairResult

_COLOURS = {Metric.COSINE: COSINE_COLOUR, Metric.EUCLIDEAN: EUCLIDEAN_COLOUR}


def cell_over_layers(result: PairResult, speech_token: int, text_token: int, after_norm: bool = False) -> go.Figure:
    """A_l[i, j] over layers 0..L, cosine and Euclidean."""
    figure = make_subplots(cols=2, subplot_titles=("cosine similarity", "Euclidean distance"))
    for column, metric in enumerate(Metric, start=1):
        y = result.values(metric).matrix[result.entries(after_norm), speech_token, text_token]
        line = {"color": _COLOURS[metric]}
        trace = go.Scatter(x=list(range(len(y))), y=y, mode="lines+markers", line=line, showlegend=False)
        figure.add_trace(trace, row=1, col=column)
    figure.update_xaxes(title_text=layer_axis_title(result, after_norm))
    return finish(figure, height=260)
