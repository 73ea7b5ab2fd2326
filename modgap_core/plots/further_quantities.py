"""Quantities of layers beside the paper's, one panel each, with their nulls."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from modgap_core.metrics import layers_0_to_l, null_band
from modgap_core.metrics.quantity import OF_PAIRS
from modgap_core.plots.style import SERIES_COLOURS, add_band, add_line, finish, layer_axis_title
from modgap_core.results.measured import LayerValues
from modgap_core.results.pair_result import PairResult


def further(result: PairResult) -> list[LayerValues]:
    """What was measured beside the paper's quantities."""
    return [values for values in result.measured.layers.values() if values.key.quantity not in OF_PAIRS]


def is_empty(result: PairResult) -> bool:
    """Whether there is nothing to draw."""
    return not further(result)


def further_quantities(result: PairResult, after_norm: bool = False) -> go.Figure:
    """One panel a quantity over layers 0..L, with the 5 to 95 % of its null.

    Args:
        result: of one pair.
        after_norm: show layer L after the final norm instead of before.
    """
    shown = further(result)
    figure = make_subplots(cols=max(1, len(shown)), subplot_titles=[values.title for values in shown] or [""])
    for column, values in enumerate(shown, start=1):
        if values.null.size:
            band = null_band(layers_0_to_l(values.null, after_norm))
            add_band(figure, band, column, "null, 5 to 95 %", showlegend=column == 1)
        colour = SERIES_COLOURS[(column - 1) % len(SERIES_COLOURS)]
        add_line(figure, layers_0_to_l(values.values, after_norm), values.title, colour, column)
    figure.update_xaxes(title_text=layer_axis_title(result.n_layers, after_norm))
    return finish(figure)
