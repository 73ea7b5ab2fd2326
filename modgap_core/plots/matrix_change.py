"""A_l before and after an edit on one colour scale, and the change; the layer slider works in the browser."""

from __future__ import annotations

import html

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from modgap_core.interventions.outcome import InterventionResult, Outcome
from modgap_core.plots.edited_curves import edited_run
from modgap_core.plots.style import scale_of


def matrix_change(result: InterventionResult, edited: Outcome | int = 0, similarity: str = "cosine") -> go.Figure:
    """Three matrices, speech tokens across in seconds, text tokens down.

    Args:
        result: holds the unedited run.
        edited: one of its edited runs, or its number among them.
        similarity: name of the similarity function.
    """
    edited = edited_run(result, edited)
    higher = result.speech.measured is None or result.speech.measured.higher_is_better(similarity)
    before, after = _matrix(result.speech, similarity), _matrix(edited, similarity)
    low, high = float(np.nanmin([before, after])), float(np.nanmax([before, after]))
    most = float(np.nanmax(np.abs(after - before))) or 1.0
    shown = edited.condition.edit_layers[0] if edited.condition else 0
    figure = make_subplots(cols=3, subplot_titles=("speech as it is", "edited speech", "change"), shared_yaxes=True)
    x = result.speech_spans_s.mean(axis=1)
    y = [f"{j}: {html.escape(token.text.strip())}" for j, token in enumerate(result.text_tokens)]
    scale = {"colorscale": scale_of(higher), "zmin": low, "zmax": high, "colorbar": {"x": 1.0, "title": similarity}}
    change = {"colorscale": "RdBu", "zmin": -most, "zmax": most, "colorbar": {"x": 1.1, "title": "change"}}
    layers = [(before[layer], after[layer], after[layer] - before[layer]) for layer in range(len(before))]
    for column, (z, style) in enumerate(zip(layers[shown], (scale, scale, change), strict=True), start=1):
        figure.add_trace(go.Heatmap(z=z.T, x=x, y=y, showscale=column > 1, **style), row=1, col=column)
    figure.frames = [
        go.Frame(data=[{"type": "heatmap", "z": z.T} for z in three], name=str(layer), traces=[0, 1, 2])
        for layer, three in enumerate(layers)
    ]
    figure.update_layout(sliders=[_slider(len(layers), shown)], height=480, margin={"t": 40, "b": 20})
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title_text="time in s")
    return figure


def _matrix(outcome: Outcome, similarity: str) -> NDArray[np.float32]:
    values = outcome.values(similarity)
    if values is None:
        raise ValueError(f"The run {outcome.label!r} has no matrices; choose a run on speech.")
    return values.matrix[:-1]


def _slider(n_layers: int, active: int) -> dict[str, object]:
    now = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    steps = [{"label": str(layer), "method": "animate", "args": [[str(layer)], now]} for layer in range(n_layers)]
    return {"active": active, "steps": steps, "currentvalue": {"prefix": "layer "}, "pad": {"t": 40}}
