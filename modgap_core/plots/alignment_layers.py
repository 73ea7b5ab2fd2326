"""Monotonicity, path consistency and the APS terms by layer (paper, section 5)."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from modgap_core.metrics import DEFAULT_PATH, null_band
from modgap_core.plots.style import CONSISTENCY_COLOUR, add_band, add_line, colour_of, finish, layer_axis_title
from modgap_core.results.pair_result import PairResult

_SHORT = {"cosine": "cosine", "euclidean": "Euclidean"}


def alignment_layers(result: PairResult, after_norm: bool = False, path: str = DEFAULT_PATH) -> go.Figure:
    """Panels over layers 0..L: monotonicity and consistency, then the APS terms of each similarity function.

    Args:
        result: of one pair.
        after_norm: show layer L after the final norm instead of before.
        path: name of the path.
    """
    names = result.similarities
    titles = ["Monotonicity and path consistency", *(f"APS terms, {_SHORT.get(name, name)}" for name in names)]
    figure = make_subplots(cols=len(titles), subplot_titles=titles, horizontal_spacing=0.21 / len(titles))
    entries = result.entries(after_norm)
    shuffled = result.values(names[0], path).null_monotonicity[:, entries]
    if shuffled.size:
        add_band(figure, null_band(shuffled), 1, "shuffled token order, 5 to 95 %", showlegend=True)
    for name in names:
        colour, values = colour_of(name, names), result.values(name, path)
        add_line(figure, values.monotonicity[entries], f"Spearman, {name} path", colour, 1)
    if "path_consistency" in result.measured.layers:
        add_line(figure, result.consistency[entries], "path consistency", CONSISTENCY_COLOUR, 1)
    for column, name in enumerate(names, start=2):
        values = result.values(name, path)
        null = values.null_aps_terms[:, entries]
        if null.size:
            add_band(figure, null_band(null), column, "mismatched pairs, 5 to 95 %", showlegend=column == 2)
        add_line(figure, values.aps_terms[entries], f"APS term, {name}", colour_of(name, names), column)
    title = layer_axis_title(result.n_layers, after_norm)
    figure.update_xaxes(title_text=title, dtick=max(1, (result.n_layers + 1) // 8))
    return finish(figure)
