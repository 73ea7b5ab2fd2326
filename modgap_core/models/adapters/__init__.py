"""One adapter for each model type; `ADAPTERS` is what `load_model` chooses from."""

from modgap_core.models.adapters.base import ModelAdapter
from modgap_core.models.adapters.lslm import LSLMAdapter
from modgap_core.models.adapters.qwen2_audio import Qwen2AudioAdapter

ADAPTERS: dict[str, type[ModelAdapter]] = {a.model_type: a for a in (LSLMAdapter, Qwen2AudioAdapter)}

__all__ = ["ADAPTERS", "LSLMAdapter", "ModelAdapter", "Qwen2AudioAdapter"]
