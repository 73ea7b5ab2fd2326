"""The page "One pair"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import sidebar
from dashboard.plain import plain
from modgap_core.errors import ModGapError

if TYPE_CHECKING:
    from modgap_core.results.pair_result import PairResult

_EMPTY = {
    sidebar.UPLOAD: "Upload a clip and type its transcript in the sidebar; the analysis starts by itself.",
    sidebar.RECORD: "Record a clip and type its transcript in the sidebar; the analysis starts by itself.",
    sidebar.SPEAK: "Type a sentence in the sidebar; espeak-ng speaks it and the analysis starts by itself.",
    sidebar.FOLDER: "Type the path of a result folder in the sidebar.",
}


def _result(model: str, source: str) -> PairResult | None:
    """The result asked for, or None while something is missing."""
    if source == sidebar.FOLDER:
        folder = sidebar.choose_folder()
        from modgap_core.results.store import load_result

        return load_result(folder) if folder else None
    from dashboard.engine import get_result

    request = sidebar.choose_pair(model, source)
    return None if request is None else get_result(request)


st.title("One pair: the same words, heard and read")
st.caption(
    "Speech and its transcript run through the same model. Where do their states part, which speech token belongs to "
    "which text token, and what does it do to the answer?"
)
sidebar.keep_choices()
model_name, source = sidebar.choose_model(), sidebar.choose_input()
try:
    shown = _result(model_name, source)
    if shown is not None:
        st.session_state["last_result"] = shown
except ModGapError as error:
    shown = st.session_state.get("last_result")
    st.error(plain(str(error)), icon=":material/error:")
    if shown is not None:
        st.caption("Below is still the last analysed pair.")
if shown is None:
    st.info(_EMPTY.get(source, "Choose an example in the sidebar."))
else:
    from dashboard.pair_view import show_checks, show_pair

    show_pair(shown, warn_voices=source in (sidebar.UPLOAD, sidebar.RECORD))
    if source != sidebar.FOLDER:
        show_checks(model_name)
