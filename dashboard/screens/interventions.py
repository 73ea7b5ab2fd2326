"""The page "Interventions"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import sidebar
from dashboard.plain import plain
from modgap_core.errors import ModGapError

if TYPE_CHECKING:
    from dashboard.request import PairRequest


def _request(chosen: sidebar.Chosen) -> PairRequest | None:
    """The pair asked for; a result folder's pair is run again on the chosen model."""
    if chosen.error:
        raise ModGapError(chosen.error)
    if not chosen.folder:
        return chosen.request
    from dashboard.request import PairRequest
    from modgap_core.audio.clip import Clip
    from modgap_core.results.store import load_result

    result = load_result(chosen.folder)
    return PairRequest(chosen.model, Clip(result.samples, result.name), result.transcript, result.answers.reference)


st.title("Interventions: change what it hears, inside")
st.caption(
    "Some speech tokens get the direction or the length of their text token's state, the model runs on, and you see "
    "what becomes of the geometry and of the answer (paper, section 5.3)."
)
try:
    request = _request(st.session_state["chosen"])
    if request is None:
        st.info("Give a clip and its transcript in the sidebar, or choose an example.")
    else:
        from dashboard.engine import get_result
        from dashboard.interventions_view import show_interventions

        show_interventions(request, get_result(request))
except ModGapError as error:
    st.error(plain(str(error)), icon=":material/error:")
