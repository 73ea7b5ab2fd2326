"""A sweep as a map: every setting a square, coloured by the target answer's log-probability."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

_ROW_PX, _LEAST_PX = 26, 260


def sweep_map(table: pd.DataFrame, unedited: float) -> go.Figure:
    """One panel a method; strength across, tokens and layer of the edit down.

    plotly reports no click on a heatmap to Streamlit, so the cells are square markers.

    Args:
        table: from `sweep_table`; settings that are not computed yet are missing.
        unedited: the log-probability for the speech as it is, the middle of the colour scale.

    Returns:
        A figure whose points carry their row number of the table as ``customdata``.
    """
    methods = list(dict.fromkeys(table.method))
    figure = make_subplots(cols=len(methods), subplot_titles=methods, shared_yaxes=True)
    spread = float((table.target_logprob - unedited).abs().max()) or 1.0
    rows = table.assign(row=[f"{t}, layer {layer}" for t, layer in zip(table.tokens, table.edit_layer, strict=True)])
    for column, method in enumerate(methods, start=1):
        part = rows[rows.method == method]
        figure.add_trace(
            go.Scatter(
                x=part.strength.map("{:g}".format),
                y=part.row,
                mode="markers",
                customdata=part.index,
                marker={
                    "symbol": "square",
                    "size": 20,
                    "color": part.target_logprob - unedited,
                    "coloraxis": "coloraxis",
                },
                unselected={"marker": {"opacity": 1}},
                hovertemplate="%{y}, strength %{x}: %{marker.color:+.3f}<extra></extra>",
            ),
            row=1,
            col=column,
        )
    figure.update_layout(
        coloraxis={"colorscale": "RdBu", "cmin": -spread, "cmax": spread, "colorbar": {"title": "log p, change"}},
        showlegend=False,
        height=max(_LEAST_PX, 120 + _ROW_PX * rows.row.nunique()),
        margin={"t": 40, "b": 40},
    )
    figure.update_xaxes(title_text="strength", type="category")
    figure.update_yaxes(type="category", autorange="reversed")
    return figure
