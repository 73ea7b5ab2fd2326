"""GAP of a corpus with its intervals, by task, slice or model."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from modgap_core.plots.style import CONSISTENCY_COLOUR, COSINE_COLOUR, EUCLIDEAN_COLOUR, finish

_ROW_PX, _LEAST_PX = 34, 160


def gap_bars(table: pd.DataFrame, label: str) -> go.Figure:
    """Bars of GAP = text - speech in points, whiskers of the 95 % interval over clusters.

    Args:
        table: with gap, gap_low, gap_high, n and clusters.
        label: column that names the bars.
    """
    rows = table.iloc[::-1]
    figure = go.Figure(
        go.Bar(
            x=rows.gap,
            y=[f"{name} (n = {n}, C = {c})" for name, n, c in zip(rows[label], rows.n, rows.clusters, strict=True)],
            orientation="h",
            marker_color=EUCLIDEAN_COLOUR,
            error_x=_whiskers(rows, "gap"),
            hovertemplate="%{x:.1f} points<extra></extra>",
        )
    )
    return _finished(figure, "GAP: text - speech, points (95 % interval over C clusters)", len(rows))


def score_bars(table: pd.DataFrame) -> go.Figure:
    """Scores of the conditions of one task, in points."""
    rows = table.iloc[::-1]
    figure = go.Figure(
        go.Bar(
            x=rows.score,
            y=[f"{name} (n = {n})" for name, n in zip(rows.condition, rows.n, strict=True)],
            orientation="h",
            marker_color=COSINE_COLOUR,
            hovertemplate="%{x:.1f} points<extra></extra>",
        )
    )
    return _finished(figure, "score, points", len(rows))


def gain_bars(table: pd.DataFrame) -> go.Figure:
    """Gain of each intervention over unedited speech, in points, with its interval."""
    rows = table.iloc[::-1]
    figure = go.Figure(
        go.Bar(
            x=rows.gain,
            y=[f"{name} (uses: {uses})" for name, uses in zip(rows.intervention, rows.uses, strict=True)],
            orientation="h",
            marker_color=CONSISTENCY_COLOUR,
            error_x=_whiskers(rows, "gain"),
            hovertemplate="%{x:+.1f} points<extra></extra>",
        )
    )
    return _finished(figure, "gain over unedited speech, points (95 % interval over clusters)", len(rows))


def _whiskers(rows: pd.DataFrame, name: str) -> dict[str, object]:
    above, below = rows[f"{name}_high"] - rows[name], rows[name] - rows[f"{name}_low"]
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, "thickness": 1.5}


def _finished(figure: go.Figure, title: str, n_rows: int) -> go.Figure:
    figure.update_xaxes(title_text=title, zeroline=True)
    figure.update_yaxes(automargin=True)
    finish(figure, max(_LEAST_PX, 80 + _ROW_PX * n_rows))
    return figure.update_layout(hovermode="closest", showlegend=False, margin_t=16)
