"""Adapter of Qwen2-Audio."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.models.adapters.base import ModelAdapter


class Qwen2AudioAdapter(ModelAdapter):
    """40 ms a speech token; mel features padded to 30 s; the processor expands the placeholder."""

    model_types = ("qwen2_audio",)

    @property
    def ms_per_token(self) -> float:
        """Two mel hops a frame, two frames a token: 40 ms."""
        return (  # type: ignore[no-any-return]
            4000.0 * float(self.processor.feature_extractor.hop_length) / self.processor.feature_extractor.sampling_rate
        )

    @property
    def max_duration_s(self) -> float:
        """The feature extractor's window, 30 s in the released model."""
        return float(self.processor.feature_extractor.chunk_length)

    @property
    def speech_markup(self) -> str:
        """As in the model's own chat template."""
        p = self.processor
        return f"Audio 1: {p.audio_bos_token}{p.audio_token}{p.audio_eos_token}\n"

    def speech_inputs(self, prompts: list[str], waves: list[NDArray[np.float32]]) -> dict[str, Any]:
        """The processor wants to be told the rate."""
        return dict(
            self.processor(text=prompts, audio=waves, sampling_rate=SAMPLE_RATE_HZ, return_tensors="pt", padding=True)
        )
