"""An item of a corpus run, opened from the page Corpus."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard.shared.plain import plain
from dashboard.shared.request import PairRequest
from dashboard.sidebar.input_source import InputSource


def _choose(model: str) -> PairRequest | None:
    chosen: PairRequest | None = st.session_state.get("corpus_item")
    if chosen is None:
        return None
    st.sidebar.caption(plain(f"{chosen.note} {chosen.transcript}"))
    return replace(chosen, model=model)


CORPUS_ITEM = InputSource("corpus_item", "Corpus item", "Choose an item on the page Corpus first.", _choose)
