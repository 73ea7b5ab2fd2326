"""The app's way into modgap_core.interventions: what is computed once for each content."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.interventions.sweep_job import SweepJob
from dashboard.shared.model_cache import get_model
from dashboard.shared.request import PairRequest

if TYPE_CHECKING:
    from modgap_core.interventions.condition import Condition
    from modgap_core.interventions.outcome import InterventionResult
    from modgap_core.models.speech_lm import SpeechLM

Key = tuple[str, str, str, str]


def _key(request: PairRequest, target: str) -> Key:
    model = get_model(request.model)
    return model.identity.content_hash, request.clip.sha256, request.transcript, target


def n_editable(model_name: str) -> int:
    """How many of the model's layers can be edited: all below this number."""
    return len(get_model(model_name).editable_layers)


def get_intervention(request: PairRequest, conditions: Sequence[Condition]) -> InterventionResult:
    """The runs of a pair, from the cache if the same content was run before."""
    conditions = tuple(conditions)
    return _intervened(
        _key(request, f"{request.expected!r} {request.measures!r}"),
        repr(conditions),
        get_model(request.model),
        request,
        conditions,
    )


@st.cache_resource(max_entries=32, show_spinner="The model answers all runs in one batch ...")
def _intervened(
    key: Key, settings: str, _model: SpeechLM, _request: PairRequest, _conditions: tuple[Condition, ...]
) -> InterventionResult:
    from modgap_core.interventions.run import intervene

    return intervene(
        _model,
        _request.clip,
        _request.transcript,
        _conditions,
        reference=_request.expected,
        measures=_request.measures,
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def _known_logprobs(key: Key) -> dict[Condition, float]:
    """What sweeps of a pair have computed so far; a cancelled sweep goes on from here."""
    return {}


def known_logprobs(request: PairRequest, target: str) -> dict[Condition, float]:
    """Log-probabilities that are already computed, by setting."""
    return _known_logprobs(_key(request, target))


def start_sweep(request: PairRequest, conditions: Sequence[Condition], target: str, owner: Hashable) -> SweepJob:
    """Compute what is missing of a sweep, in a thread of its own."""
    known, model = known_logprobs(request, target), get_model(request.model)

    def compute(missing: Sequence[Condition], stopped: Callable[[], bool]) -> Iterator[list[float]]:
        from modgap_core.interventions.prepared_pair import prepare_pair
        from modgap_core.interventions.sweep import sweep

        if missing:
            pair = prepare_pair(model, request.clip, request.transcript)
            yield from sweep(model, pair, missing, target, stopped)

    job = SweepJob(owner, conditions, known, compute)
    job.start()
    return job
