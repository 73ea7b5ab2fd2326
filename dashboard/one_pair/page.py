"""The page "One pair"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.shared.plain import plain
from dashboard.sidebar.choose import Chosen
from modgap_core.errors import ModGapError

if TYPE_CHECKING:
    from modgap_core.results.pair_result import PairResult


def _result(chosen: Chosen) -> PairResult | None:
    """The result asked for, or None while something is missing."""
    if chosen.error:
        raise ModGapError(chosen.error)
    if chosen.saved is not None:
        from modgap_core.results.store import load_result

        with chosen.saved.opened() as folder:
            return load_result(folder)
    if chosen.request is None:
        return None
    from dashboard.one_pair.cache import get_result

    return get_result(chosen.request)


chosen: Chosen = st.session_state["chosen"]
st.title("One pair: the same words, heard and read")
st.caption(
    "Speech and its transcript run through the same model. Where do their states part, which speech token belongs to "
    "which text token, and what does it do to the answer?"
)
pipeline = chosen.request.pipeline if chosen.request else None
try:
    shown = _result(chosen)
    if shown is not None:
        st.session_state["last_result"] = shown
except ModGapError as error:
    shown, pipeline = st.session_state.get("last_result"), None
    st.error(plain(str(error)), icon=":material/error:")
    if shown is not None:
        st.caption("Below is still the last analysed pair.")
if shown is None:
    st.info(chosen.source.empty)
else:
    from dashboard.one_pair.context import PairOnPage
    from dashboard.one_pair.provenance import show_checks
    from dashboard.shared.panel import ONE_PAIR, show_panels

    show_panels(ONE_PAIR, PairOnPage(shown, chosen.source.own_voice, pipeline))
    if not chosen.source.gives_saved:
        show_checks(chosen.model)
