"""The page "One pair"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.sidebar import choose
from dashboard.shared.plain import plain
from modgap_core.errors import ModGapError

if TYPE_CHECKING:
    from modgap_core.results.pair_result import PairResult

_EMPTY = {
    sidebar.UPLOAD: "Upload a clip and type its transcript in the sidebar; the analysis starts by itself.",
    sidebar.RECORD: "Record a clip and type its transcript in the sidebar; the analysis starts by itself.",
    sidebar.SPEAK: "Type a sentence in the sidebar; espeak-ng speaks it and the analysis starts by itself.",
    sidebar.CORPUS: "Choose an item on the page Corpus first.",
    sidebar.SAVED: "Upload the zip of a result in the sidebar, or type the path of a result folder.",
}


def _result(chosen: sidebar.Chosen) -> PairResult | None:
    """The result asked for, or None while something is missing."""
    if chosen.error:
        raise ModGapError(chosen.error)
    if chosen.saved is not None:
        from modgap_core.results.store import load_result

        with chosen.saved.opened() as folder:
            return load_result(folder)
    if chosen.request is None:
        return None
    from dashboard.shared.model_cache import get_result

    return get_result(chosen.request)


chosen: sidebar.Chosen = st.session_state["chosen"]
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
    st.info(_EMPTY.get(chosen.source, "Choose an example in the sidebar."))
else:
    from dashboard.one_pair.view import show_checks, show_pair

    show_pair(shown, chosen.source in (sidebar.UPLOAD, sidebar.RECORD), pipeline)
    if chosen.source != sidebar.SAVED:
        show_checks(chosen.model)
