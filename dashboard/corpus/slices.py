"""GAP within each value of a slice."""

from __future__ import annotations

import streamlit as st

from dashboard.corpus.context import RunsOnPage
from dashboard.corpus.frame import show_frame
from dashboard.shared.lazy_expander import lazy_expander
from dashboard.shared.panel import Panel
from modgap_core.corpus.read.tables.slices import slices_of, table_of_slice
from modgap_core.plots.corpus_gap import gap_bars


@st.fragment
def _show(page: RunsOnPage) -> None:
    run = page.model
    if not (slices := slices_of(run)):
        return
    st.subheader("Slices")
    chosen = str(st.selectbox("Slice", slices, key=f"{run.model}_slice"))
    part = table_of_slice(run, chosen)
    st.plotly_chart(gap_bars(part, "value"), key=f"{run.model}_slices")
    lazy_expander("Numbers of the slices", f"{run.model}_slice_numbers", lambda: show_frame(part))


SLICES = Panel("corpus.slices", "Slices", 70, _show)
