"""A typed sentence, spoken by espeak-ng."""

from __future__ import annotations

import streamlit as st

from dashboard.shared.plain import plain
from dashboard.shared.request import PairRequest
from dashboard.sidebar.input_source import InputSource
from dashboard.sidebar.transcript import with_transcript

_VOICES = ("en-us", "en-us+f3", "en-gb+m1", "en-gb+f1", "en-gb-scotland+m5", "en-us+Annie", "en-029+f4")


def _choose(model: str) -> PairRequest | None:
    from modgap_core.audio.clip import Clip
    from modgap_core.audio.speak import Voice, how_to_install, is_available, speak

    if not is_available("espeak-ng"):
        st.sidebar.info(plain(how_to_install("espeak-ng")))
        return None
    sentence = st.sidebar.text_input("Sentence", "what is the capital of austria", key="sentence")
    voice = st.sidebar.selectbox("Voice", _VOICES, key="voice")
    rate_wpm = st.sidebar.slider("Speed (words a minute)", 80, 300, 160, key="rate_wpm")
    pitch = st.sidebar.slider("Pitch", 0, 99, 50, key="pitch")
    other = st.sidebar.text_input("Transcript, if it shall differ from the sentence", key="spoken_transcript")
    if not sentence.strip():
        return None
    samples = speak(sentence, Voice("espeak-ng", str(voice), rate_wpm, pitch))
    return with_transcript(model, Clip(samples, f"espeak-ng {voice}"), other or sentence)


SPEAK = InputSource(
    "speak",
    "Speak it for me",
    "Type a sentence in the sidebar; espeak-ng speaks it and the analysis starts by itself.",
    _choose,
)
