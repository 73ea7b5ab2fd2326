"""Adapter of the paper's own LSLM (Whisper encoder, k-frame adapter, any causal LM)."""

from __future__ import annotations

from typing import Any

import torch

from modgap_core.models.adapters.base import ModelAdapter
from modgap_core.models.lslm import LSLMForConditionalGeneration


class LSLMAdapter(ModelAdapter):
    """Speech tokens of 20 ms x k; the window is the Whisper encoder's."""

    model_types = ("modgap_lslm",)

    @classmethod
    def network_class(cls, _architecture: str) -> Any:
        """ModGap's own class."""
        return LSLMForConditionalGeneration

    @property
    def ms_per_token(self) -> float:
        """20 ms x k: 100 ms in the paper."""
        return float(self.model.config.ms_per_token)

    @property
    def max_duration_s(self) -> float:
        """The encoder's window: 30 s for Whisper-large-v3, 5 s for modgap-mini."""
        return float(self.model.config.audio_config.max_source_positions * 0.02)

    @property
    def speech_markup(self) -> str:
        """The placeholder alone."""
        return str(self.processor.audio_token)

    def prefill(self, inputs: dict[str, Any]) -> None:
        """The whole model, with the head at the last position only."""
        self.model(**inputs, use_cache=False, logits_to_keep=1)

    def last_logits(self, inputs: dict[str, Any], n: int = 1) -> torch.Tensor:
        """Logits (B, n, V) at the last n positions; the head runs there only."""
        return self.model(**inputs, use_cache=False, logits_to_keep=n).logits  # type: ignore[no-any-return]
