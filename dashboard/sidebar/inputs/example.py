"""A shipped example."""

from __future__ import annotations

import streamlit as st

from dashboard.shared.plain import plain
from dashboard.shared.request import PairRequest
from dashboard.sidebar.examples import shipped_examples
from dashboard.sidebar.input_source import InputSource


def _choose(model: str) -> PairRequest:
    from modgap_core.audio.load import load_audio

    examples = shipped_examples()
    chosen = st.sidebar.selectbox("Example", examples, format_func=lambda e: e.label, key="example")
    st.sidebar.caption(plain(f"{chosen.note} Voice: {chosen.voice}."))
    return PairRequest(model, load_audio(chosen.path), chosen.transcript, chosen.reference, chosen.note)


EXAMPLE = InputSource("example", "Shipped example", "Choose an example in the sidebar.", _choose)
