"""The paper's table of one pair, with controls."""

from __future__ import annotations

import streamlit as st

from dashboard.interventions.cache import get_intervention
from dashboard.interventions.context import InterventionOnPage
from dashboard.interventions.runs_table import show_downloads, show_runs
from dashboard.shared.panel import Panel
from dashboard.shared.plain import plain
from modgap_core.interventions.method import USES_WORDS
from modgap_core.interventions.paper_table import table_conditions


@st.fragment
def _show(page: InterventionOnPage) -> None:
    st.caption(
        "Text, speech, the paper's four settings and eight controls in one batch. Random tokens, a random direction "
        "and calibration show what any change of that size does; identity must change nothing. " + USES_WORDS
    )
    if st.button("Run the table", type="primary", key="iv_run_table"):
        st.session_state["iv_table_wanted"] = True
    if not st.session_state.get("iv_table_wanted"):
        return
    result = get_intervention(page.request, table_conditions())
    for note in result.notes:
        st.info(plain(note))
    show_runs(result)
    show_downloads(result, {}, "table")


TABLE = Panel("interventions.paper_table", "The paper's table", 20, _show)
