"""What models share whose encoder takes Whisper's features with a mask and gives one token for each valid stretch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.models.adapters.audio_text_processor import AudioTextProcessor
from modgap_core.models.adapters.base import ModelAdapter


class PooledWhisperAdapter(ModelAdapter):
    """Halves the mel frames and pools by two (40 ms a speech token), unless a subclass says otherwise."""

    mask_name: str
    """The model's argument for the mask of the mel frames."""

    @classmethod
    def load_processor(cls, folder: Path, trust_remote_code: bool = False) -> AudioTextProcessor:
        """Sound and text alone; the models' own processors want images too, or break on padding."""
        return AudioTextProcessor.from_pretrained(folder)

    @property
    def ms_per_token(self) -> float:
        """Two mel hops a frame, two frames a token: 40 ms."""
        extractor = self.processor.feature_extractor
        return 4000.0 * float(extractor.hop_length) / extractor.sampling_rate  # type: ignore[no-any-return]

    @property
    def max_duration_s(self) -> float:
        """The feature extractor's window."""
        return float(self.processor.feature_extractor.chunk_length)

    @property
    def speech_markup(self) -> str:
        """The placeholder alone."""
        return self.placeholder

    def speech_inputs(self, prompts: list[str], waves: list[NDArray[np.float32]]) -> dict[str, Any]:
        """Features, their mask, and ids with one placeholder for each speech token.

        Padded to the whole window, as the models' own processors do: so a clip's last frame does not depend on
        the batch that it is in.
        """
        features = self.processor.feature_extractor(
            waves, sampling_rate=SAMPLE_RATE_HZ, padding="max_length", return_attention_mask=True, return_tensors="pt"
        )
        mask = features["attention_mask"]
        counts = self.n_speech_tokens(mask.sum(-1))
        return {
            **self.processor.tokens(prompts, self.placeholder, counts.tolist()),
            "input_features": features["input_features"],
            self.mask_name: mask,
        }

    @staticmethod
    def n_speech_tokens(mel_frames: torch.Tensor) -> torch.Tensor:
        """Speech tokens of clips with these many valid mel frames."""
        return ((mel_frames - 1) // 2 + 1 - 2) // 2 + 1
