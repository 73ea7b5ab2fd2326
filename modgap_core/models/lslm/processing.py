"""Turns a prompt and a clip into the inputs of the paper's LSLM."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import BatchFeature, ProcessorMixin

_WHISPER_HOPS_PER_FRAME = 2


class LSLMProcessor(ProcessorMixin):  # type: ignore[misc]
    """Whisper features and a tokenizer; each ``audio_token`` in the text becomes one per speech token.

    Args:
        feature_extractor: a `WhisperFeatureExtractor`.
        tokenizer: the backbone's tokenizer, with the placeholder as a special token.
        chat_template: how a conversation is written; by default the tokenizer's own.
        audio_token: the placeholder.
        stack_size: k of the model's adapter.
    """

    def __init__(
        self,
        feature_extractor: Any = None,
        tokenizer: Any = None,
        chat_template: str | None = None,
        audio_token: str = "<|audio|>",
        stack_size: int = 5,
    ) -> None:
        self.audio_token = audio_token
        self.stack_size = stack_size
        super().__init__(feature_extractor, tokenizer, chat_template=chat_template or tokenizer.chat_template)

    @property
    def samples_per_token(self) -> int:
        """Audio samples in one speech token: hop x 2 x k."""
        return int(self.feature_extractor.hop_length * _WHISPER_HOPS_PER_FRAME * self.stack_size)

    def n_speech_tokens(self, n_samples: int) -> int:
        """Speech tokens of a clip, the last one possibly begun only; at least 1."""
        return max(1, math.ceil(n_samples / self.samples_per_token))

    def __call__(
        self,
        text: str | list[str],
        audio: list[NDArray[np.float32]] | None = None,
        return_tensors: str = "pt",
        **kwargs: Any,
    ) -> BatchFeature:
        """Tokenise prompts (left padding) and, with clips, extract their features.

        Args:
            text: a prompt or several, each with one ``audio_token`` where its clip belongs.
            audio: the clips [each shape=(n,)] at the feature extractor's rate, one per prompt.
            return_tensors: as in transformers.
            **kwargs: to the tokenizer.

        Returns:
            ``input_ids``, ``attention_mask`` (B, T) and, with clips, ``input_features`` (B, bins, frames).
        """
        texts = [text] if isinstance(text, str) else list(text)
        data: dict[str, Any] = {}
        if audio is not None:
            texts = [
                t.replace(self.audio_token, self.audio_token * self.n_speech_tokens(len(a)))
                for t, a in zip(texts, audio, strict=True)
            ]
            rate_hz = self.feature_extractor.sampling_rate
            features = self.feature_extractor(audio, sampling_rate=rate_hz, return_tensors=return_tensors)
            data["input_features"] = features["input_features"]
        settings = {"padding": True, "padding_side": "left", "add_special_tokens": False, **kwargs}
        tokens = self.tokenizer(texts, return_tensors=return_tensors, **settings)
        data |= {"input_ids": tokens["input_ids"], "attention_mask": tokens["attention_mask"]}
        return BatchFeature(data, tensor_type=return_tensors)
