"""GAP against alignment over models or checkpoints (paper, figures 5 and 7), and alignment against correctness."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from modgap_core.plots.style import COSINE_COLOUR, EUCLIDEAN_COLOUR, SERIES_COLOURS, finish
from modgap_core.statistics import Regression

_NAMED = 8
"""Points up to which names fit beside them; of more, the pointer shows the name."""


def gap_regression(table: pd.DataFrame, measure: str, fits: Mapping[str, Regression | None], by: str = "") -> go.Figure:
    """One point a model; a line for each group that has enough of them.

    Args:
        table: from `model_table`.
        measure: the column on the x axis.
        fits: of gap on the measure, by the value of the tag.
        by: the tag's column; empty for one group.
    """
    figure = go.Figure()
    for number, (name, fit) in enumerate(fits.items()):
        colour = SERIES_COLOURS[number % len(SERIES_COLOURS)]
        part = table[table[by].astype(str) == name] if by else table
        figure.add_trace(
            go.Scatter(
                x=part[measure],
                y=part.gap,
                mode="markers+text" if len(table) <= _NAMED else "markers",
                text=part.model,
                textposition="top center",
                marker={"size": 11, "color": colour},
                hovertemplate="%{text}: %{x:.3f}, GAP %{y:.1f}<extra></extra>",
                showlegend=False,
            )
        )
        if fit is not None:
            figure.add_trace(_line(part[measure], fit, name, colour))
    figure.update_xaxes(title_text=measure.replace("_", " "))
    figure.update_yaxes(title_text="GAP, points")
    return finish(figure).update_layout(hovermode="closest")


def _line(x: pd.Series, fit: Regression, name: str, colour: str) -> go.Scatter:
    ends = np.array([x.min(), x.max()])
    label = f"{name}: R² = {fit.r_squared.value:.2f} [{fit.r_squared.low:.2f}, {fit.r_squared.high:.2f}], n = {fit.n}"
    line = {"color": colour, "dash": "dash"}
    return go.Scatter(x=ends, y=fit.intercept + fit.slope * ends, mode="lines", name=label, line=line)


def measure_by_outcome(wide: pd.DataFrame, measure: str) -> go.Figure:
    """How a quantity is spread over items answered right and wrong in speech; text right only."""
    right_text = wide[wide["text"] >= 0.5]
    figure = go.Figure()
    for name, part, colour in (
        ("speech right", right_text[right_text["speech"] >= 0.5], COSINE_COLOUR),
        ("speech wrong", right_text[right_text["speech"] < 0.5], EUCLIDEAN_COLOUR),
    ):
        label = f"{name} (n = {len(part)})"
        figure.add_trace(go.Box(x=part[measure], name=label, marker_color=colour, boxpoints="outliers"))
    figure.update_xaxes(title_text=f"{measure.replace('_', ' ')} (items answered right in text)")
    return finish(figure, 210).update_layout(hovermode="closest", showlegend=False, margin_t=16)
