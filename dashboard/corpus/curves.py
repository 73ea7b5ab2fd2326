"""Layer curves over a corpus."""

from __future__ import annotations

import streamlit as st

from dashboard.corpus.context import RunsOnPage
from dashboard.shared.panel import Panel
from modgap_core.figures import Subject, drawn
from modgap_core.plots.corpus_layers import FEW


@st.fragment
def _show(page: RunsOnPage) -> None:
    st.subheader("Layer curves")
    st.caption(
        "Mean over the items, with the 5th to 95th percentile of the items; dotted: pairs that do not belong together."
        if len(page.runs) <= FEW
        else "Mean over the items of each model, from dark to light in the order of the models."
    )
    st.plotly_chart(drawn(Subject.RUNS, page.runs, "corpus_layer_curves"), key="corpus_layers")


CURVES = Panel("corpus.layer_curves", "Layer curves", 30, _show)
