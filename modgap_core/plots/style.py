"""Colours and layout that all charts share; colour-blind safe (Okabe and Ito)."""

from __future__ import annotations

import plotly.graph_objects as go

COSINE_COLOUR = "#0072B2"
EUCLIDEAN_COLOUR = "#D55E00"
CONSISTENCY_COLOUR = "#009E73"
NULL_COLOUR = "rgba(128, 128, 128, 0.28)"
NULL_LINE_COLOUR = "rgba(128, 128, 128, 0.9)"
SERIES_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""One for each model, in the order of the choice."""
HEIGHT_PX = 340


def finish(figure: go.Figure, height: int = HEIGHT_PX) -> go.Figure:
    """Margins, legend and fonts; the background is left to the page's theme."""
    figure.update_layout(
        height=height,
        margin={"l": 60, "r": 20, "t": 56, "b": 50},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.12, "x": 0},
        hovermode="x unified",
    )
    return figure
