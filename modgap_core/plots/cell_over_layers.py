"""One cell of the similarity matrix followed through the layers."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from modgap_core.plots.style import colour_of, finish, layer_axis_title, title_of
from modgap_core.results.pair_result import PairResult


def cell_over_layers(result: PairResult, speech_token: int, text_token: int, after_norm: bool = False) -> go.Figure:
    """A_l[i, j] over layers 0..L under each similarity function."""
    names = result.similarities
    figure = make_subplots(cols=len(names), subplot_titles=[title_of(name) for name in names])
    for column, name in enumerate(names, start=1):
        y = result.values(name).matrix[result.entries(after_norm), speech_token, text_token]
        line = {"color": colour_of(name, names)}
        trace = go.Scatter(x=list(range(len(y))), y=y, mode="lines+markers", line=line, showlegend=False)
        figure.add_trace(trace, row=1, col=column)
    figure.update_xaxes(title_text=layer_axis_title(result.n_layers, after_norm))
    return finish(figure, height=260)
