"""A recording from the microphone, with its transcript."""

from __future__ import annotations

import streamlit as st

from dashboard.shared.request import PairRequest
from dashboard.sidebar.input_source import InputSource
from dashboard.sidebar.kept import kept_upload
from dashboard.sidebar.transcript import TRANSCRIPT_HELP, with_transcript


def _choose(model: str) -> PairRequest | None:
    from modgap_core.audio.load import load_audio

    given = st.sidebar.audio_input("Record from the microphone", key="recording")
    transcript = st.sidebar.text_area("Transcript", key="record_transcript", help=TRANSCRIPT_HELP)
    kept = kept_upload("recording", given)
    if kept is None:
        return None
    if given is None:
        st.sidebar.caption("Still the recording of before; another one replaces it.")
    return with_transcript(model, load_audio(kept.data, "recording.wav"), transcript)


RECORD = InputSource(
    "record",
    "Record",
    "Record a clip and type its transcript in the sidebar; the analysis starts by itself.",
    _choose,
    own_voice=True,
)
