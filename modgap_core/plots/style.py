"""Colours and layout that all charts share; colour-blind safe (Okabe and Ito)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from numpy.typing import NDArray

from modgap_core.metrics import SIMILARITIES, NullBand

COSINE_COLOUR = "#0072B2"
EUCLIDEAN_COLOUR = "#D55E00"
CONSISTENCY_COLOUR = "#009E73"
NULL_COLOUR = "rgba(128, 128, 128, 0.28)"
NULL_LINE_COLOUR = "rgba(128, 128, 128, 0.9)"
SERIES_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""One for each model, in the order of the choice."""
HEIGHT_PX = 340
_OF_SIMILARITY = {"cosine": COSINE_COLOUR, "euclidean": EUCLIDEAN_COLOUR}
_FREE = tuple(colour for colour in SERIES_COLOURS if colour not in (*_OF_SIMILARITY.values(), CONSISTENCY_COLOUR))


def colour_of(similarity: str, similarities: Sequence[str]) -> str:
    """The colour of a similarity function among those of a result.

    >>> colour_of("cosine", ("cosine", "mine")), colour_of("mine", ("cosine", "mine"))
    ('#0072B2', '#CC79A7')
    """
    others = [name for name in similarities if name not in _OF_SIMILARITY]
    return _OF_SIMILARITY.get(similarity) or _FREE[others.index(similarity) % len(_FREE)]


def scale_of(higher_is_better: bool) -> str:
    """The colour scale of a matrix: bright is near."""
    return "Viridis" if higher_is_better else "Viridis_r"


def title_of(similarity: str) -> str:
    """A similarity function in words; its name where its package is not installed."""
    return SIMILARITIES.get(similarity).title if similarity in SIMILARITIES else similarity


def layer_axis_title(n_layers: int, after_norm: bool = False) -> str:
    """The layer convention in words, for the axis."""
    place = "after" if after_norm else "before"
    return f"layer (0 = LLM input, {n_layers} {place} the final norm)"


def add_band(figure: go.Figure, band: NullBand, column: int, name: str, showlegend: bool) -> None:
    """5 to 95 percent of a null over the layers, as a grey area in a column of panels."""
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
            showlegend=showlegend,
        ),
        row=1,
        col=column,
    )


def add_line(figure: go.Figure, y: NDArray[Any], name: str, colour: str, column: int) -> None:
    """A quantity over the layers in a column of panels."""
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


def finish(figure: go.Figure, height: int = HEIGHT_PX) -> go.Figure:
    """Margins, legend and fonts; the background is left to the page's theme."""
    figure.update_layout(
        height=height,
        margin={"l": 60, "r": 20, "t": 56, "b": 50},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.12, "x": 0},
        hovermode="x unified",
    )
    return figure
