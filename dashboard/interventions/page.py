"""The page "Interventions"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.shared.plain import plain
from dashboard.sidebar.choose import Chosen
from modgap_core.errors import ModGapError

if TYPE_CHECKING:
    from dashboard.shared.request import PairRequest
    from dashboard.shared.saved_result import SavedResult
    from modgap_core.interventions.outcome import InterventionResult


def _show(chosen: Chosen) -> None:
    """The chosen pair, or a saved result; a saved analysis is run again on the chosen model."""
    if chosen.error:
        raise ModGapError(chosen.error)
    from dashboard.interventions.view import show_interventions, show_saved
    from modgap_core.interventions.outcome import InterventionResult

    request = chosen.request
    if chosen.saved is not None:
        saved = _read(chosen.saved, chosen.model)
        if isinstance(saved, InterventionResult):
            show_saved(saved)
            return
        request = saved
    if request is None:
        st.info("Give a clip and its transcript in the sidebar, or a saved result, or choose an example.")
        return
    from dashboard.interventions.context import InterventionOnPage
    from dashboard.one_pair.cache import get_result

    show_interventions(InterventionOnPage(request, get_result(request)))


def _read(saved: SavedResult, model: str) -> InterventionResult | PairRequest:
    from dashboard.shared.request import PairRequest
    from modgap_core.audio.clip import Clip
    from modgap_core.interventions import store
    from modgap_core.results.store import load_result, read_format

    with saved.opened() as folder:
        if read_format(folder).startswith("modgap-intervention-"):
            return store.load_intervention(folder)
        result = load_result(folder)
    return PairRequest(model, Clip(result.samples, result.name), result.transcript, result.answers.expected)


st.title("Interventions: change what it hears, inside")
st.caption(
    "Some speech tokens get the direction or the length of their text token's state, the model runs on, and you see "
    "what becomes of the geometry and of the answer (paper, section 5.3)."
)
try:
    _show(st.session_state["chosen"])
except ModGapError as error:
    st.error(plain(str(error)), icon=":material/error:")
