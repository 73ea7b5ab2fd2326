"""Configuration of the paper's large speech language model."""

from __future__ import annotations

from typing import Any, ClassVar

from huggingface_hub.dataclasses import strict
from transformers import AutoConfig, PretrainedConfig, WhisperConfig


@strict
class LSLMConfig(PretrainedConfig):  # type: ignore[misc]
    """Whisper encoder + frame-stacking adapter + causal LM (paper, section 3).

    Args:
        audio_config: the speech encoder; any `WhisperConfig` (50 frames a second).
        text_config: the backbone; any causal LM's config (Qwen2, Llama ...).
        stack_size: k, how many encoder frames make one speech token; 5 in the paper, so 100 ms a token.
        adapter_hidden_size: width between the adapter's two fully connected layers.
        audio_token_id: id of the placeholder that a speech token takes in ``input_ids``.
        encoder_reach: frames on each side that an encoder frame attends to in each block; None is Whisper's own way,
            the whole window, as in the paper (`local_attention`).

    Example:
        >>> from transformers import Qwen2Config, WhisperConfig
        >>> config = LSLMConfig(audio_config=WhisperConfig(d_model=64), text_config=Qwen2Config(hidden_size=32))
        >>> config.ms_per_token
        100.0
    """

    model_type = "modgap_lslm"
    sub_configs: ClassVar = {"audio_config": WhisperConfig, "text_config": AutoConfig}

    audio_config: dict[str, Any] | PretrainedConfig | None = None
    text_config: dict[str, Any] | PretrainedConfig | None = None
    stack_size: int = 5
    adapter_hidden_size: int = 2048
    audio_token_id: int = 0
    encoder_reach: int | None = None

    def __post_init__(self, **kwargs: Any) -> None:
        if self.audio_config is None or isinstance(self.audio_config, dict):
            self.audio_config = WhisperConfig(**(self.audio_config or {}))
        if self.text_config is None or isinstance(self.text_config, dict):
            fields = dict(self.text_config or {})
            self.text_config = AutoConfig.for_model(fields.pop("model_type", "qwen2"), **fields)
        super().__post_init__(**kwargs)

    @property
    def parts(self) -> tuple[Any, Any]:
        """The configurations of the encoder and of the backbone."""
        return self.audio_config, self.text_config

    @property
    def ms_per_token(self) -> float:
        """Milliseconds of speech in one speech token (Whisper frames are 20 ms)."""
        return 20.0 * self.stack_size
