"""The sidebar: which model, which pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.examples import shipped_examples
from dashboard.plain import plain
from dashboard.request import PairRequest

if TYPE_CHECKING:
    from modgap_core.audio.clip import Clip

EXAMPLE, UPLOAD, RECORD, SPEAK, FOLDER = (
    "Shipped example",
    "Upload a clip",
    "Record",
    "Speak it for me",
    "Result folder",
)
MINI, OTHER = "modgap-mini (ships with ModGap)", "Folder or hub id"
_SYNTHETIC_VOICES = ("en-us", "en-us+f3", "en-gb+m1", "en-gb+f1", "en-gb-scotland+m5", "en-us+Annie", "en-029+f4")
_KEPT = (
    *("model_choice", "model_name", "input", "example", "upload_transcript", "record_transcript", "sentence"),
    *("voice", "rate_wpm", "pitch", "spoken_transcript", "result_folder"),
)
_TRANSCRIPT_HELP = "What is said in the clip, word by word."


def keep_choices() -> None:
    """Keep what is chosen when the visitor goes to another page; Streamlit forgets widgets that are not shown."""
    for key in _KEPT:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def choose_model() -> str:
    """The model's folder or hub id; empty for modgap-mini."""
    choice = st.sidebar.radio("Model", (MINI, OTHER), key="model_choice")
    if choice == MINI:
        return ""
    return st.sidebar.text_input("Model folder or hub id", key="model_name", placeholder="Qwen/Qwen2-Audio-7B-Instruct")


def choose_input() -> str:
    """Where the pair comes from."""
    options = (EXAMPLE, UPLOAD, RECORD, SPEAK, FOLDER)
    return str(st.sidebar.radio("Input", options, key="input", bind="query-params"))


def choose_folder() -> str:
    """The path of a result folder; empty until typed."""
    return st.sidebar.text_input("Folder written by modgap analyze --out", key="result_folder")


def choose_pair(model: str, source: str) -> PairRequest | None:
    """The pair, or None while something is still to be given."""
    ways = {EXAMPLE: _example, UPLOAD: _upload, RECORD: _record, SPEAK: _speak}
    return ways[source](model)


def _example(model: str) -> PairRequest:
    from modgap_core.audio.load import load_audio

    examples = shipped_examples()
    chosen = st.sidebar.selectbox("Example", examples, format_func=lambda e: e.label, key="example")
    st.sidebar.caption(plain(f"{chosen.note} Voice: {chosen.voice}."))
    return PairRequest(model, load_audio(chosen.path), chosen.transcript, chosen.reference, chosen.note)


def _upload(model: str) -> PairRequest | None:
    given = st.sidebar.file_uploader(
        "Sound file (wav, flac, mp3, ogg, m4a ...)", key="upload", on_change=_forget, args=("upload",)
    )
    transcript = st.sidebar.text_area("Transcript", key="upload_transcript", help=_TRANSCRIPT_HELP)
    clip = _kept_clip("upload", given.getvalue() if given else None, given.name if given else "")
    return None if clip is None else _with_transcript(model, clip, transcript)


def _record(model: str) -> PairRequest | None:
    given = st.sidebar.audio_input(
        "Record from the microphone", key="recording", on_change=_forget, args=("recording",)
    )
    transcript = st.sidebar.text_area("Transcript", key="record_transcript", help=_TRANSCRIPT_HELP)
    clip = _kept_clip("recording", given.getvalue() if given else None, "recording.wav")
    return None if clip is None else _with_transcript(model, clip, transcript)


def _kept_clip(way: str, data: bytes | None, name: str) -> Clip | None:
    """The clip just given, or the one that was given on another page."""
    from modgap_core.audio.load import load_audio

    kept: Clip | None = st.session_state.get(f"kept_{way}")
    if data is not None:
        kept = load_audio(data, name)
        st.session_state[f"kept_{way}"] = kept
    elif kept is not None:
        st.sidebar.caption(plain(f"Still {kept.name}, {kept.duration_s:.1f} s."))
    return kept


def _forget(way: str) -> None:
    st.session_state.pop(f"kept_{way}", None)


def _speak(model: str) -> PairRequest | None:
    from modgap_core.audio.clip import Clip
    from modgap_core.audio.speak import Voice, how_to_install, is_available, speak

    if not is_available("espeak-ng"):
        st.sidebar.info(plain(how_to_install("espeak-ng")))
        return None
    st.session_state.setdefault("sentence", "what is the capital of austria")
    sentence = st.sidebar.text_input("Sentence", key="sentence")
    voice = st.sidebar.selectbox("Voice", _SYNTHETIC_VOICES, key="voice")
    st.session_state.setdefault("rate_wpm", 160)
    st.session_state.setdefault("pitch", 50)
    rate_wpm = st.sidebar.slider("Speed (words a minute)", 80, 300, key="rate_wpm")
    pitch = st.sidebar.slider("Pitch", 0, 99, key="pitch")
    other = st.sidebar.text_input("Transcript, if it shall differ from the sentence", key="spoken_transcript")
    if not sentence.strip():
        return None
    samples = speak(sentence, Voice("espeak-ng", str(voice), rate_wpm, pitch))
    return _with_transcript(model, Clip(samples, f"espeak-ng {voice}"), other or sentence)


def _with_transcript(model: str, clip: Clip, transcript: str) -> PairRequest | None:
    return PairRequest(model, clip, transcript) if transcript.strip() else None
