"""Adapters of Gemma3n and of the Gemma4 models that hear."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from torch import nn
from transformers.models.gemma3n import modeling_gemma3n

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.models.adapters.audio_text_processor import AudioTextProcessor
from modgap_core.models.adapters.base import ModelAdapter


class GemmaAdapter(ModelAdapter):
    """What both share: features with a mask, placeholders between marks."""

    one_batch = False  # each block also reads an embedding of the token's id
    padding = "longest"

    @classmethod
    def load_processor(cls, folder: Path, trust_remote_code: bool = False) -> AudioTextProcessor:
        """Sound and text alone; the models' own processors want images too."""
        return AudioTextProcessor.from_pretrained(folder)

    def _token(self, token_id: int) -> str:
        return str(self.tokenizer.convert_ids_to_tokens(token_id))

    def features(self, waves: list[NDArray[np.float32]]) -> Any:
        """Log-mel features (B, frames, bins) and the mask of the valid frames."""
        extractor = self.processor.feature_extractor
        return extractor(waves, sampling_rate=SAMPLE_RATE_HZ, padding=self.padding, return_tensors="pt")

    def inputs(self, prompts: list[str], counts: list[int], features: Any) -> dict[str, Any]:
        """Ids with that many placeholders, features and their mask."""
        return {
            **self.processor.tokens(prompts, self.placeholder, counts),
            "input_features": features["input_features"],
            "input_features_mask": features["input_features_mask"].bool(),
        }


class Gemma4Adapter(GemmaAdapter):
    """40 ms a speech token."""

    model_types = ("gemma4",)
    ms_per_token = 40.0
    max_duration_s = 30.0

    @property
    def speech_markup(self) -> str:
        """As the model's own processor writes it."""
        config = self.model.config
        return f"{self._token(config.boa_token_id)}{self.placeholder}{self._token(config.eoa_token_index)}"

    def speech_inputs(self, prompts: list[str], waves: list[NDArray[np.float32]]) -> dict[str, Any]:
        """Two convolutions halve the frames; a token is valid where its first frame is."""
        features = self.features(waves)
        counts = features["input_features_mask"][:, ::4].sum(-1).tolist()
        return self.inputs(prompts, counts, features)


class Gemma3nAdapter(GemmaAdapter):
    """160 ms a speech token; always the placeholders of 30 s, of which the first ones are the clip's."""

    model_types = ("gemma3n",)
    padding = "max_length"  # a clip padded to another length has other last frames
    ms_per_token = 160.0
    max_duration_s = 30.0

    @classmethod
    def network_class(cls, _architecture: str) -> Any:
        """The model without its eyes, which would need timm and torchvision."""
        return BlindGemma3n

    @property
    def speech_markup(self) -> str:
        """As the model's own processor writes it."""
        config = self.model.config
        return f"\n\n{self._token(config.boa_token_id)}{self.placeholder}{self._token(config.eoa_token_id)}\n\n"

    def speech_inputs(self, prompts: list[str], waves: list[NDArray[np.float32]]) -> dict[str, Any]:
        """The model fills what a clip leaves of its placeholders with a padding embedding."""
        n_placeholders = int(self.model.config.audio_soft_tokens_per_image)
        return self.inputs(prompts, [n_placeholders] * len(waves), self.features(waves))

    def speech_span(self, inputs: dict[str, Any], waves: list[NDArray[np.float32]]) -> torch.Tensor:
        """The first placeholders: four frames are convolved to one, every fourth of those is kept."""
        valid = inputs["input_features_mask"][:, ::16].sum(-1, keepdim=True)
        placeholders = super().speech_span(inputs, waves)
        return placeholders & (placeholders.cumsum(-1) <= valid)  # type: ignore[no-any-return]


class BlindGemma3n(transformers.Gemma3nForConditionalGeneration):  # type: ignore[misc]
    """Gemma3n whose vision tower is not built; the tower's weights in a checkpoint are not read."""

    _keys_to_ignore_on_load_unexpected: ClassVar = [r"vision_tower"]

    def __init__(self, config: transformers.Gemma3nConfig) -> None:
        build = transformers.AutoModel.from_config

        def build_but_eyes(part: Any, *args: Any, **settings: Any) -> nn.Module:
            return nn.Identity() if part is config.vision_config else build(part, *args, **settings)

        with patch.object(modeling_gemma3n.AutoModel, "from_config", build_but_eyes):
            super().__init__(config)
