"""The paper's large speech language model as a transformers model (arXiv 2510.12116, section 3)."""

from __future__ import annotations

from typing import Any, ClassVar, cast

import torch
from torch import nn
from transformers import AutoModelForCausalLM, GenerationMixin, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from modgap_core.errors import ModelError
from modgap_core.models.lslm.configuration import LSLMConfig
from modgap_core.models.lslm.local_attention import limit_attention


class SpeechAdapter(nn.Module):
    """Stack k encoder frames and apply two fully connected layers: frames -> speech tokens.

    Args:
        config: gives k, the encoder's width, the width between the layers and the LLM's width.
    """

    def __init__(self, config: LSLMConfig) -> None:
        super().__init__()
        self.stack_size = config.stack_size
        audio, text = config.parts
        stacked = config.stack_size * audio.d_model
        self.linear_1 = nn.Linear(stacked, config.adapter_hidden_size)
        self.activation = nn.GELU()
        self.linear_2 = nn.Linear(config.adapter_hidden_size, text.hidden_size)

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """(B, F, d_encoder) -> (B, ceil(F / k), d_llm); the last frames are padded with zeros."""
        batch, n_frames, width = frames.shape
        missing = -n_frames % self.stack_size
        stacked = nn.functional.pad(frames, (0, 0, 0, missing)).reshape(batch, -1, self.stack_size * width)
        return cast(torch.Tensor, self.linear_2(self.activation(self.linear_1(stacked))))


class LSLMForConditionalGeneration(PreTrainedModel, GenerationMixin):  # type: ignore[misc]
    """Whisper encoder + adapter + causal LM.

    The prompt holds one placeholder (``config.audio_token_id``) for each speech token of the clip; the
    prefill puts the clip's first speech tokens in their place. Padding frames get no placeholder.
    """

    config_class = LSLMConfig
    main_input_name = "input_ids"
    input_modalities = ("audio", "text")
    _no_split_modules: ClassVar = ["WhisperEncoderLayer"]
    _supports_sdpa = True
    _supports_flash_attn = True

    def __init__(self, config: LSLMConfig) -> None:
        super().__init__(config)
        self.encoder = WhisperEncoder(config.audio_config)
        if config.encoder_reach is not None:
            limit_attention(self.encoder, config.encoder_reach)
        self.adapter = SpeechAdapter(config)
        self.language_model = AutoModelForCausalLM.from_config(config.text_config)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        """The backbone's token embeddings."""
        return cast(nn.Module, self.language_model.get_input_embeddings())

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the backbone's token embeddings."""
        self.language_model.set_input_embeddings(value)

    def get_output_embeddings(self) -> nn.Module:
        """The backbone's language-model head."""
        return cast(nn.Module, self.language_model.get_output_embeddings())

    def get_decoder(self) -> nn.Module:
        """The backbone without its head."""
        return cast(nn.Module, self.language_model.get_decoder())

    def get_audio_features(self, input_features: torch.Tensor) -> torch.Tensor:
        """Speech tokens (B, T, d) of log-mel features (B, bins, frames), padding included."""
        return cast(torch.Tensor, self.adapter(self.encoder(input_features.to(self.encoder.dtype)).last_hidden_state))

    def embed(self, input_ids: torch.Tensor, speech_tokens: torch.Tensor | None = None) -> torch.Tensor:
        """LLM input (B, T, d): token embeddings, with speech tokens (B, >=n, d) in place of the placeholders."""
        embeds = self.get_input_embeddings()(input_ids)
        if speech_tokens is None:
            return cast(torch.Tensor, embeds)
        slots = input_ids == self.config.audio_token_id
        counts = slots.sum(-1, keepdim=True)
        available = speech_tokens.shape[1]
        if int(counts.max()) > available:
            raise ModelError(
                f"The prompt has {int(counts.max())} speech placeholders but the encoder gives {available} speech "
                f"tokens; shorten the clip to {available * self.config.ms_per_token / 1000:g} s."
            )
        used = torch.arange(available, device=counts.device) < counts
        return embeds.masked_scatter(slots.unsqueeze(-1), speech_tokens[used].to(embeds.dtype))  # type: ignore[no-any-return]

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        input_features: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Any = None,
        inputs_embeds: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | torch.Tensor = 0,
        **kwargs: Any,
    ) -> CausalLMOutputWithPast:
        """Run the LLM; ``input_features`` (B, bins, frames) only in the prefill."""
        if inputs_embeds is None:
            assert input_ids is not None
            speech = None if input_features is None else self.get_audio_features(input_features)
            inputs_embeds = self.embed(input_ids, speech)
        return cast(
            CausalLMOutputWithPast,
            self.language_model(
                inputs_embeds=inputs_embeds,
                attention_mask=attention_mask,
                position_ids=position_ids,
                past_key_values=past_key_values,
                labels=labels,
                use_cache=use_cache,
                logits_to_keep=logits_to_keep,
                **kwargs,
            ),
        )
