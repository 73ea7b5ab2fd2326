"""Adapter of Qwen2.5-Omni: its thinker hears, reads and writes; the talker is not loaded."""

from __future__ import annotations

from typing import Any

import transformers

from modgap_core.models.adapters.pooled_whisper import PooledWhisperAdapter


class Qwen25OmniAdapter(PooledWhisperAdapter):
    """40 ms a speech token; the encoder sees valid mel frames only."""

    model_types = ("qwen2_5_omni", "qwen2_5_omni_thinker")
    mask_name = "feature_attention_mask"

    @classmethod
    def network_class(cls, _architecture: str) -> Any:
        """The thinker alone, also out of a folder with the talker."""
        return transformers.Qwen2_5OmniThinkerForConditionalGeneration

    @property
    def speech_markup(self) -> str:
        """As in the model's own chat template."""
        return f"<|audio_bos|>{self.placeholder}<|audio_eos|>"

    def prefill(self, inputs: dict[str, Any]) -> None:
        """The thinker without its head."""
        self.model.model.rope_deltas = None  # left over from an earlier generation
        super().prefill(inputs)
