"""ModGap: the modality gap of speech language models, seen inside.

>>> from modgap_core import load_model, analyze_pair  # doctest: +SKIP
>>> result = analyze_pair(load_model(), "clip.wav", "what is the capital of france")  # doctest: +SKIP
>>> result.answers.speech, result.answers.text  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modgap_core.errors import AudioError, InterventionError, ModelError, ModGapError, ResultError, TranscriptError

if TYPE_CHECKING:
    from modgap_core.analysis.pair import analyze_pair
    from modgap_core.interventions.condition import Condition
    from modgap_core.interventions.method import Method
    from modgap_core.interventions.outcome import InterventionResult
    from modgap_core.interventions.run import intervene
    from modgap_core.interventions.store import load_intervention, save_intervention
    from modgap_core.interventions.token_choice import TokenChoice
    from modgap_core.models.load import load_model
    from modgap_core.results.pair_result import PairResult
    from modgap_core.results.store import load_result, save_result
    from modgap_core.scoring.expected import Expected

__all__ = [
    "AudioError",
    "Condition",
    "Expected",
    "InterventionError",
    "InterventionResult",
    "Method",
    "ModGapError",
    "ModelError",
    "PairResult",
    "ResultError",
    "TokenChoice",
    "TranscriptError",
    "analyze_pair",
    "intervene",
    "load_intervention",
    "load_model",
    "load_result",
    "save_intervention",
    "save_result",
]

_LAZY = {
    "analyze_pair": "modgap_core.analysis.pair",
    "load_model": "modgap_core.models.load",
    "PairResult": "modgap_core.results.pair_result",
    "Expected": "modgap_core.scoring.expected",
    "load_result": "modgap_core.results.store",
    "Condition": "modgap_core.interventions.condition",
    "Method": "modgap_core.interventions.method",
    "TokenChoice": "modgap_core.interventions.token_choice",
    "InterventionResult": "modgap_core.interventions.outcome",
    "intervene": "modgap_core.interventions.run",
    "load_intervention": "modgap_core.interventions.store",
    "save_intervention": "modgap_core.interventions.store",
    "save_result": "modgap_core.results.store",
}


def __getattr__(name: str) -> Any:
    """Import torch and transformers only when something that needs them is asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module 'modgap_core' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
