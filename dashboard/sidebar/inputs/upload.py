"""A sound file of the visitor, with its transcript."""

from __future__ import annotations

import streamlit as st

from dashboard.shared.plain import plain
from dashboard.shared.request import PairRequest
from dashboard.sidebar.input_source import InputSource
from dashboard.sidebar.kept import kept_upload
from dashboard.sidebar.transcript import TRANSCRIPT_HELP, with_transcript


def _choose(model: str) -> PairRequest | None:
    from modgap_core.audio.load import load_audio

    given = st.sidebar.file_uploader("Sound file (wav, flac, mp3, ogg, m4a ...)", key="upload")
    transcript = st.sidebar.text_area("Transcript", key="upload_transcript", help=TRANSCRIPT_HELP)
    kept = kept_upload("upload", given)
    if kept is None:
        return None
    if given is None:
        st.sidebar.caption(plain(f"Still {kept.name}, uploaded before; another upload replaces it."))
    return with_transcript(model, load_audio(kept.data, kept.name), transcript)


UPLOAD = InputSource(
    "upload",
    "Upload a clip",
    "Upload a clip and type its transcript in the sidebar; the analysis starts by itself.",
    _choose,
    own_voice=True,
)
