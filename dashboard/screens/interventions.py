"""The page "Interventions"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import sidebar
from dashboard.plain import plain
from modgap_core.errors import ModGapError

if TYPE_CHECKING:
    from dashboard.request import PairRequest


def _show(chosen: sidebar.Chosen) -> None:
    """The chosen pair, or a saved result; a saved analysis is run again on the chosen model."""
    if chosen.error:
        raise ModGapError(chosen.error)
    from dashboard.interventions_view import show_interventions, show_saved

    request = chosen.request
    if chosen.folder:
        from modgap_core.interventions import store
        from modgap_core.results.store import read_format

        if read_format(chosen.folder) == store.FORMAT:
            show_saved(store.load_intervention(chosen.folder))
            return
        request = _saved_pair(chosen)
    if request is None:
        st.info("Give a clip and its transcript in the sidebar, or choose an example.")
        return
    from dashboard.engine import get_result

    show_interventions(request, get_result(request))


def _saved_pair(chosen: sidebar.Chosen) -> PairRequest:
    from dashboard.request import PairRequest
    from modgap_core.audio.clip import Clip
    from modgap_core.results.store import load_result

    result = load_result(chosen.folder)
    return PairRequest(chosen.model, Clip(result.samples, result.name), result.transcript, result.answers.expected)


st.title("Interventions: change what it hears, inside")
st.caption(
    "Some speech tokens get the direction or the length of their text token's state, the model runs on, and you see "
    "what becomes of the geometry and of the answer (paper, section 5.3)."
)
try:
    _show(st.session_state["chosen"])
except ModGapError as error:
    st.error(plain(str(error)), icon=":material/error:")
