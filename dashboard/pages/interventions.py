"""The page "Interventions"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import sidebar
from dashboard.plain import plain
from modgap_core.errors import ModGapError

if TYPE_CHECKING:
    from dashboard.request import PairRequest


def _request(model: str, source: str) -> PairRequest | None:
    """The pair asked for; a result folder's pair is run again on the chosen model."""
    if source != sidebar.FOLDER:
        return sidebar.choose_pair(model, source)
    from dashboard.request import PairRequest
    from modgap_core.audio.clip import Clip
    from modgap_core.results.store import load_result

    folder = sidebar.choose_folder()
    if not folder:
        return None
    result = load_result(folder)
    return PairRequest(model, Clip(result.samples, result.name), result.transcript, result.answers.reference)


st.title("Interventions: change what it hears, inside")
st.caption(
    "Some speech tokens get the direction or the length of their text token's state, the model runs on, and you see "
    "what becomes of the geometry and of the answer (paper, section 5.3)."
)
sidebar.keep_choices()
model_name, source = sidebar.choose_model(), sidebar.choose_input()
try:
    request = _request(model_name, source)
    if request is None:
        st.info("Give a clip and its transcript in the sidebar.")
    else:
        from dashboard.engine import get_result
        from dashboard.interventions_view import show_interventions

        show_interventions(request, get_result(request))
except ModGapError as error:
    st.error(plain(str(error)), icon=":material/error:")
