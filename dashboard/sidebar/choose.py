"""The sidebar: which model, which pair."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.sidebar.examples import shipped_examples
from dashboard.shared.plain import plain
from dashboard.shared.request import PairRequest
from dashboard.shared.saved_result import SavedResult
from modgap_core.errors import ModGapError

if TYPE_CHECKING:
    from modgap_core.audio.clip import Clip

CORPUS = "Corpus item"
EXAMPLE, UPLOAD, RECORD, SPEAK, SAVED = (
    "Shipped example",
    "Upload a clip",
    "Record",
    "Speak it for me",
    "Saved result",
)
MINI, OTHER = "modgap-mini (ships with ModGap)", "Folder or hub id"
_SYNTHETIC_VOICES = ("en-us", "en-us+f3", "en-gb+m1", "en-gb+f1", "en-gb-scotland+m5", "en-us+Annie", "en-029+f4")
_TRANSCRIPT_HELP = "What is said in the clip, word by word."


@dataclass(frozen=True)
class Chosen:
    """What the sidebar says; it stands on every page.

    Attributes:
        model: folder or hub id; empty for modgap-mini.
        source: where the pair comes from.
        request: the pair, or None while something is still to be given.
        saved: a result that was saved, where that is the source; None until it is given.
        error: a sentence if the input cannot be used.
    """

    model: str
    source: str
    request: PairRequest | None = None
    saved: SavedResult | None = None
    error: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """Names the input: equal for the same pair on the same model."""
        pair = self.request
        of_pair = () if pair is None else (pair.clip.sha256, pair.transcript, repr(pair.reference))
        return self.model, self.source, "" if self.saved is None else self.saved.identity, *of_pair


def choose() -> Chosen:
    """Draw the sidebar."""
    model, source = choose_model(), choose_input()
    try:
        if source == SAVED:
            return Chosen(model, source, saved=choose_saved())
        return Chosen(model, source, choose_pair(model, source))
    except ModGapError as error:
        return Chosen(model, source, error=str(error))


def choose_model() -> str:
    """The model's folder or hub id; empty for modgap-mini."""
    wanted = st.session_state.pop("open_model", None)  # of an item of a corpus
    if wanted is not None:
        st.session_state["model_choice"] = OTHER if wanted else MINI
        st.session_state["model_name"] = wanted
    choice = st.sidebar.radio("Model", (MINI, OTHER), key="model_choice")
    if choice == MINI:
        return ""
    return st.sidebar.text_input("Model folder or hub id", key="model_name", placeholder="Qwen/Qwen2-Audio-7B-Instruct")


def choose_input() -> str:
    """Where the pair comes from."""
    options = (EXAMPLE, UPLOAD, RECORD, SPEAK, SAVED, CORPUS)
    if st.session_state.pop("open_corpus_item", False):
        st.session_state["input"] = CORPUS
    return str(st.sidebar.radio("Input", options, key="input", bind="query-params"))


def choose_saved() -> SavedResult | None:
    """A zip, or the path of a folder or zip on this machine; None until one is given."""
    given = st.sidebar.file_uploader("Zip saved under Downloads", type="zip", key="result_zip")
    path = st.sidebar.text_input(
        "or a folder written by modgap analyze --out or modgap intervene --out", key="result_folder"
    )
    if given is not None:
        return SavedResult(given.name, given.getvalue())
    return SavedResult(path) if path else None


def choose_pair(model: str, source: str) -> PairRequest | None:
    """The pair, or None while something is still to be given."""
    ways = {EXAMPLE: _example, UPLOAD: _upload, RECORD: _record, SPEAK: _speak, CORPUS: _corpus_item}
    return ways[source](model)


def _example(model: str) -> PairRequest:
    from modgap_core.audio.load import load_audio

    examples = shipped_examples()
    chosen = st.sidebar.selectbox("Example", examples, format_func=lambda e: e.label, key="example")
    st.sidebar.caption(plain(f"{chosen.note} Voice: {chosen.voice}."))
    return PairRequest(model, load_audio(chosen.path), chosen.transcript, chosen.reference, chosen.note)


def _upload(model: str) -> PairRequest | None:
    from modgap_core.audio.load import load_audio

    given = st.sidebar.file_uploader("Sound file (wav, flac, mp3, ogg, m4a ...)", key="upload")
    transcript = st.sidebar.text_area("Transcript", key="upload_transcript", help=_TRANSCRIPT_HELP)
    if given is None:
        return None
    return _with_transcript(model, load_audio(given.getvalue(), given.name), transcript)


def _record(model: str) -> PairRequest | None:
    from modgap_core.audio.load import load_audio

    given = st.sidebar.audio_input("Record from the microphone", key="recording")
    transcript = st.sidebar.text_area("Transcript", key="record_transcript", help=_TRANSCRIPT_HELP)
    if given is None:
        return None
    return _with_transcript(model, load_audio(given.getvalue(), "recording.wav"), transcript)


def _speak(model: str) -> PairRequest | None:
    from modgap_core.audio.clip import Clip
    from modgap_core.audio.speak import Voice, how_to_install, is_available, speak

    if not is_available("espeak-ng"):
        st.sidebar.info(plain(how_to_install("espeak-ng")))
        return None
    sentence = st.sidebar.text_input("Sentence", "what is the capital of austria", key="sentence")
    voice = st.sidebar.selectbox("Voice", _SYNTHETIC_VOICES, key="voice")
    rate_wpm = st.sidebar.slider("Speed (words a minute)", 80, 300, 160, key="rate_wpm")
    pitch = st.sidebar.slider("Pitch", 0, 99, 50, key="pitch")
    other = st.sidebar.text_input("Transcript, if it shall differ from the sentence", key="spoken_transcript")
    if not sentence.strip():
        return None
    samples = speak(sentence, Voice("espeak-ng", str(voice), rate_wpm, pitch))
    return _with_transcript(model, Clip(samples, f"espeak-ng {voice}"), other or sentence)


def _corpus_item(model: str) -> PairRequest | None:
    chosen: PairRequest | None = st.session_state.get("corpus_item")
    if chosen is None:
        return None
    st.sidebar.caption(plain(f"{chosen.note} {chosen.transcript}"))
    return replace(chosen, model=model)


def _with_transcript(model: str, clip: Clip, transcript: str) -> PairRequest | None:
    return PairRequest(model, clip, transcript) if transcript.strip() else None
