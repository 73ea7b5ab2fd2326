"""One intervention: choose, see what is chosen, run, compare."""

from __future__ import annotations

import streamlit as st

from dashboard.explorer import alignment_explorer
from dashboard.interventions.cache import get_intervention, n_editable
from dashboard.interventions.comparison import compare
from dashboard.interventions.context import InterventionOnPage
from dashboard.interventions.controls import Span, choose_condition, pick_from, take_picked
from dashboard.interventions.sweep_view import take_loaded_setting
from dashboard.shared.explorer_input import explorer_input
from dashboard.shared.panel import Panel
from dashboard.shared.plain import plain
from modgap_core.interventions.chosen_tokens import chosen_tokens
from modgap_core.interventions.token_choice import PICKED


@st.fragment
def _show(page: InterventionOnPage) -> None:
    request, pair = page.request, page.pair
    take_picked()
    take_loaded_setting()
    condition = choose_condition(Span(pair.n_layers, n_editable(request.model), len(pair.speech_spans_s)))
    pairs = () if condition is None else chosen_tokens(pair.cosine.matrix, condition)
    st.caption("Marked below: the speech tokens that will change, and underlined the words they are turned to.")
    marks = tuple((p.speech, p.text) for p in pairs)
    selection = alignment_explorer(explorer_input(pair), key="iv_explorer", layer=pair.n_layers // 2, chosen=marks)
    if st.session_state["iv_tokens"] == PICKED and pick_from(selection):
        st.rerun(scope="fragment")
    if condition is None:
        return
    if not pairs:
        st.info("No speech token has a defined alignment here, so there is nothing to change.")
    if st.button("Run", type="primary", key="iv_run"):
        st.session_state["iv_wanted"] = condition
    if st.session_state.get("iv_wanted") == condition:
        result = get_intervention(request, [condition])
        compare(result, result.edited[0])
    else:
        st.caption(plain(f"Ready to run: {condition.label}, {len(pairs)} speech token(s)."))


ONE = Panel("interventions.one", "One intervention", 10, _show)
