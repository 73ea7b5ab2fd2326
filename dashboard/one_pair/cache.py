"""Analysed pairs in the app: computed once for each content, shared by all sessions and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.shared.model_cache import get_model
from dashboard.shared.request import PairRequest

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from modgap_core.models.speech_lm import SpeechLM
    from modgap_core.results.pair_result import PairResult


def get_result(request: PairRequest) -> PairResult:
    """The analysed pair, from the cache if the same content was analysed before."""
    model = get_model(request.model)
    return _analyzed(
        model.identity.content_hash,
        request.clip.sha256,
        request.transcript,
        f"{request.expected!r} {request.measures!r}",
        model,
        request,
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _analyzed(
    model_hash: str, clip_hash: str, transcript: str, settings: str, _model: SpeechLM, _request: PairRequest
) -> PairResult:
    from modgap_core.analysis.pair import analyze_pair

    bar = st.progress(0.0, "Reading the transcript and the clip")
    try:
        return analyze_pair(
            _model,
            _request.clip,
            transcript,
            reference=_request.expected,
            measures=_request.measures,
            report=lambda share, what: _show(bar, share, what),
        )
    finally:
        bar.empty()


def _show(bar: DeltaGenerator, share: float, what: str) -> None:
    bar.progress(share, what)
