"""Adapter of Qwen3-Omni: its thinker hears, reads and writes; the talker is not loaded."""

from __future__ import annotations

from typing import Any

import torch
import transformers
from transformers.modeling_outputs import BaseModelOutputWithPooling

from modgap_core.models.adapters.qwen2_5_omni import Qwen25OmniAdapter

_CHUNK_FRAMES = 100
_CHUNK_TOKENS = 13


class Qwen3OmniAdapter(Qwen25OmniAdapter):
    """13 speech tokens a second: each second of sound is convolved alone and gives that many."""

    model_types = ("qwen3_omni_moe", "qwen3_omni_moe_thinker")

    def __init__(self, model: Any, processor: Any) -> None:
        super().__init__(model, processor)
        tower = model.model.audio_tower
        tower.forward = _ClipByClip(tower.forward)

    @classmethod
    def network_class(cls, _architecture: str) -> Any:
        """The thinker alone, also out of a folder with the talker."""
        return transformers.Qwen3OmniMoeThinkerForConditionalGeneration

    @property
    def ms_per_token(self) -> float:
        """1000 / 13 ms; the 13th token of a second stands for its last 40 ms."""
        extractor = self.processor.feature_extractor
        return 1000.0 * _CHUNK_FRAMES * float(extractor.hop_length) / extractor.sampling_rate / _CHUNK_TOKENS  # type: ignore[no-any-return]

    @staticmethod
    def n_speech_tokens(mel_frames: torch.Tensor) -> torch.Tensor:
        """13 for each full second, and one for each begun 80 ms of the rest."""
        rest = mel_frames % _CHUNK_FRAMES
        return mel_frames // _CHUNK_FRAMES * _CHUNK_TOKENS + -(-rest // 8)


class _ClipByClip:
    """The audio encoder run once a clip: in a batch, its padding would reach the last frames of short clips."""

    def __init__(self, forward: Any) -> None:
        self._forward = forward

    def __call__(self, input_features: torch.Tensor, feature_lens: torch.Tensor, **settings: Any) -> Any:
        clips = input_features.split(feature_lens.tolist(), dim=1)  # type: ignore[no-untyped-call]
        states = [
            self._forward(clip, feature_lens=n.unsqueeze(0), **settings).last_hidden_state
            for clip, n in zip(clips, feature_lens, strict=True)
        ]
        joined = torch.cat(states)
        return BaseModelOutputWithPooling(last_hidden_state=joined, pooler_output=joined)
