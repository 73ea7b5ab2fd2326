"""Models in the app: loaded and examined once, shared by all sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from modgap_core.models.check import Check
    from modgap_core.models.doctor import Diagnosis
    from modgap_core.models.speech_lm import SpeechLM


@st.cache_resource(max_entries=2, show_spinner="Loading the model and checking it ...")
def get_model(name: str) -> SpeechLM:
    """A model by folder or hub id; the empty name is modgap-mini."""
    from modgap_core.models.load import load_model

    return load_model(name or None)


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
