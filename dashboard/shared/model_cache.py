"""The app's way into modgap_core: what is loaded or computed once and shared by all sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.shared.request import PairRequest

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from modgap_core.models.check import Check
    from modgap_core.models.doctor import Diagnosis
    from modgap_core.models.speech_lm import SpeechLM
    from modgap_core.results.pair_result import PairResult


@st.cache_resource(max_entries=2, show_spinner="Loading the model and checking it ...")
def get_model(name: str) -> SpeechLM:
    """A model by folder or hub id; the empty name is modgap-mini."""
    from modgap_core.models.load import load_model

    return load_model(name or None)


def get_result(request: PairRequest) -> PairResult:
    """The analysed pair, from the cache if the same content was analysed before."""
    model = get_model(request.model)
    return _analyzed(
        model.identity.content_hash, request.clip.sha256, request.transcript, repr(request.expected), model, request
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _analyzed(
    model_hash: str, clip_hash: str, transcript: str, expected: str, _model: SpeechLM, _request: PairRequest
) -> PairResult:
    from modgap_core.analysis.pair import analyze_pair

    bar = st.progress(0.0, "Reading the transcript and the clip")
    try:
        return analyze_pair(
            _model,
            _request.clip,
            transcript,
            reference=_request.expected,
            report=lambda share, what: _show(bar, share, what),
        )
    finally:
        bar.empty()


def _show(bar: DeltaGenerator, share: float, what: str) -> None:
    bar.progress(share, what)


def get_checks(model_name: str) -> tuple[Check, ...]:
    """The outcome of the model's self-check at load."""
    return get_model(model_name).checks


def get_diagnosis(model_name: str) -> Diagnosis:
    """What the doctor finds; examined once for each model."""
    model = get_model(model_name)
    return _diagnosed(model.identity.content_hash, model)


@st.cache_resource(max_entries=8, show_spinner=False)
def _diagnosed(model_hash: str, _model: SpeechLM) -> Diagnosis:
    from modgap_core.models.doctor import diagnose

    return diagnose(_model)


def get_notes(model_name: str) -> tuple[str, ...]:
    """What the model's makers want a visitor to know about the speech it understands."""
    from modgap_core.models.load import MINI
    from modgap_core.models.modgap_json import read_notes

    return tuple(read_notes(MINI)) if model_name == MINI.name else ()
