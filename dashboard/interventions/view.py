"""The page below its title: a tab for each panel, or a saved result."""

from __future__ import annotations

import streamlit as st

from dashboard.interventions.comparison import compare
from dashboard.interventions.context import InterventionOnPage
from dashboard.interventions.runs_table import show_runs
from dashboard.shared.model_cache import get_notes
from dashboard.shared.panel import INTERVENTIONS, panels_of, show_panel
from dashboard.shared.plain import plain
from modgap_core.interventions.outcome import InterventionResult


def show_interventions(page: InterventionOnPage) -> None:
    """The whole page below its title."""
    st.markdown(f"**Transcript:** {plain(page.pair.transcript)}")
    if not page.request.expected.words:
        for note in get_notes(page.pair.provenance.model):
            st.caption(plain(note))
    panels = panels_of(INTERVENTIONS)
    for tab, panel in zip(st.tabs([panel.title for panel in panels]), panels, strict=True):
        with tab:
            show_panel(panel, page)


def show_saved(result: InterventionResult) -> None:
    """A result that `modgap intervene` wrote."""
    st.markdown(f"**Transcript:** {plain(result.transcript)}")
    show_runs(result)
    if not result.edited:
        return
    edited = st.selectbox("Run to compare", result.edited, format_func=lambda outcome: outcome.label, key="iv_saved")
    compare(result, edited)
