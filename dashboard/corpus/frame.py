"""Tables of a run as the page shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dashboard.shared.lazy_expander import lazy_expander
from modgap_core.corpus.read.tables import ScoredRun

_IN_POINTS = ("score", "gap", "gain", "text", "speech", "relative", "mrr", "disagreement", "share")
"""Beginnings of the columns that hold points or percent."""


def show_frame(table: pd.DataFrame) -> None:
    """A table with as many digits as its columns need."""
    config = {
        name: st.column_config.NumberColumn(format="%.1f" if name.startswith(_IN_POINTS) else "%.3f")
        for name in table.select_dtypes("float").columns
    }
    st.dataframe(table, hide_index=True, column_config=config)


def table_in_expander(
    title: str, key: str, build: Callable[[ScoredRun], pd.DataFrame], runs: Sequence[ScoredRun], words: str = ""
) -> None:
    """A table of every model, built when the expander is opened."""

    def draw() -> None:
        table = pd.concat([build(run) for run in runs], ignore_index=True)
        if words:
            st.caption(words)
        if table.empty:
            st.caption("No row: the run was made without what this table needs.")
        else:
            show_frame(table)

    lazy_expander(title, key, draw)
