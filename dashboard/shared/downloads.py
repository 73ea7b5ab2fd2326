"""The download panel: tables, figures, the whole result."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.shared.exports import csv_bytes, html_bytes, image_bytes, parquet_bytes
from dashboard.shared.plain import plain
from modgap_core.errors import ResultError


def show_table(name: str, table: pd.DataFrame | Callable[[], pd.DataFrame], key: str = "") -> None:
    """A table's download buttons; the key tells apart tables of one name. A function is called when one is pressed."""
    label, csv, parquet, _ = st.columns((2, 1, 1, 1))
    label.markdown(f"Table: {plain(name)}")
    build = table if callable(table) else lambda: table
    csv.download_button("CSV", lambda: csv_bytes(build()), f"{name}.csv", key=f"{key}{name}.csv", on_click="ignore")
    parquet.download_button(
        "Parquet", lambda: parquet_bytes(build()), f"{name}.parquet", key=f"{key}{name}.parquet", on_click="ignore"
    )


def show_figure(name: str, draw: Callable[[], go.Figure], key: str = "") -> None:
    """A figure's download buttons; it is drawn when one is pressed."""
    label, png, svg, html = st.columns((2, 1, 1, 1))
    label.markdown(f"Figure: {plain(name)}")
    for column, kind in ((png, "png"), (svg, "svg")):
        column.download_button(
            kind.upper(),
            partial(_image, draw, kind),
            f"{name}.{kind}",
            key=f"{key}{name}.{kind}",
            on_click="ignore",
        )
    html.download_button("HTML", lambda: html_bytes(draw()), f"{name}.html", key=f"{key}{name}.html", on_click="ignore")


def _image(draw: Callable[[], go.Figure], kind: str) -> bytes:
    try:
        return image_bytes(draw(), kind)
    except ResultError as error:
        st.toast(plain(str(error)))
        raise
