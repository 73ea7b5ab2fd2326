"""One adapter for each model type; `ADAPTERS` is what `load_model` chooses from."""

from __future__ import annotations

from typing import Any

from modgap_core.models.adapters.base import ModelAdapter
from modgap_core.registry import Registry

_OWN = {
    "lslm:LSLMAdapter": ("modgap_lslm",),
    "qwen2_audio:Qwen2AudioAdapter": ("qwen2_audio",),
    "qwen2_5_omni:Qwen25OmniAdapter": ("qwen2_5_omni", "qwen2_5_omni_thinker"),
    "qwen3_omni:Qwen3OmniAdapter": ("qwen3_omni_moe", "qwen3_omni_moe_thinker"),
    "audio_flamingo:AudioFlamingoAdapter": ("audioflamingo3", "musicflamingo"),
    "gemma:Gemma3nAdapter": ("gemma3n",),
    "gemma:Gemma4Adapter": ("gemma4",),
    "voxtral:VoxtralAdapter": ("voxtral",),
    "phi4_multimodal:Phi4MultimodalAdapter": ("phi4_multimodal",),
}
"""Class and the model types that it is for."""


def _problem(entry: Any) -> str:
    is_adapter = isinstance(entry, type) and issubclass(entry, ModelAdapter)
    return "" if is_adapter else f"it is {entry!r}, not a subclass of ModelAdapter"


ADAPTERS: Registry[type[ModelAdapter]] = Registry(
    "model type",
    "modgap.adapters",
    {model_type: f"{__name__}.{place}" for place, model_types in _OWN.items() for model_type in model_types},
    problem_of=_problem,
)


def register_adapter(adapter: type[ModelAdapter]) -> None:
    """Let `load_model` use an adapter of your own for its model types, in this process (docs/adding-a-model.md).

    Args:
        adapter: takes the place of one that is there for the same type.
    """
    for model_type in adapter.model_types:
        ADAPTERS.register(model_type, adapter)


__all__ = ["ADAPTERS", "ModelAdapter", "register_adapter"]
