"""Real transformers models with tiny random weights, one builder for each architecture."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AudioFlamingo3Config,
    AudioFlamingo3ForConditionalGeneration,
    AutoModelForCausalLM,
    Gemma3nAudioFeatureExtractor,
    Gemma3nConfig,
    Gemma4AudioFeatureExtractor,
    Gemma4Config,
    Gemma4ForConditionalGeneration,
    GlmConfig,
    LlamaConfig,
    MusicFlamingoConfig,
    MusicFlamingoForConditionalGeneration,
    Phi4MultimodalConfig,
    Phi4MultimodalFeatureExtractor,
    Phi4MultimodalForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2_5OmniThinkerConfig,
    Qwen2_5OmniThinkerForConditionalGeneration,
    Qwen2AudioConfig,
    Qwen2AudioEncoderConfig,
    Qwen2AudioForConditionalGeneration,
    Qwen2AudioProcessor,
    Qwen2Config,
    Qwen3OmniMoeThinkerConfig,
    Qwen3OmniMoeThinkerForConditionalGeneration,
    VoxtralConfig,
    VoxtralForConditionalGeneration,
    WhisperConfig,
    WhisperFeatureExtractor,
)

from modgap_core.models.adapters.gemma import BlindGemma3n
from modgap_core.models.encoded import Encoded
from modgap_core.models.lslm import LSLMConfig, LSLMForConditionalGeneration, LSLMProcessor
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.models.speech_units import GLM_4_VOICE, SPEECH_GPT, UnitTokenizer


def plain_hidden_states(model: SpeechLM, encoded: Encoded) -> list[torch.Tensor]:
    """Layers 0..L-1 and L after the norm, each (B, T, d), as transformers gives them without ModGap's hooks.

    Of Gemma3n's streams the first; its list has no entry after the norm, so that the model without head gives it.
    """
    model.adapter.set_modality(encoded.is_speech)
    with torch.inference_mode():
        states = list(model.adapter.model(**encoded.inputs, output_hidden_states=True).hidden_states)
        if states[0].ndim == 3:
            return states
        normed = model.adapter.model.base_model(**encoded.inputs).last_hidden_state
    return [*(streams[0] for streams in states[:-1]), normed]


SPECIAL = ["<|pad|>", "<|end|>", "<|user|>", "<|assistant|>", "<|audio|>"]
AUDIO_SPECIAL = ["<|AUDIO|>", "<|audio_bos|>", "<|audio_eos|>", "<|im_start|>", "<|im_end|>"]
TEMPLATE = "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}<|assistant|>"


def byte_tokenizer(special: list[str]) -> PreTrainedTokenizerFast:
    """A byte-level tokenizer without merges: one token a byte."""
    vocabulary = {t: i for i, t in enumerate(special + sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=special[0],
        eos_token=special[1],
        additional_special_tokens=special[2:],
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def small_backbone(kind: str, vocabulary: int, width: int = 32) -> Qwen2Config | LlamaConfig:
    """A 3-layer Qwen2 or Llama."""
    shape: dict[str, Any] = {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "intermediate_size": 2 * width,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 256,
        "pad_token_id": 0,
        "eos_token_id": 1,
        "bos_token_id": None,
    }
    return Qwen2Config(**shape, tie_word_embeddings=True) if kind == "qwen2" else LlamaConfig(**shape)


def build_lslm(folder: Path, backbone: str = "qwen2", width: int = 32) -> Path:
    """The paper's LSLM with a 2-second Whisper window."""
    torch.manual_seed(0)
    tokenizer = byte_tokenizer(SPECIAL)
    tokenizer.chat_template = TEMPLATE
    audio = WhisperConfig(
        d_model=width,
        encoder_layers=2,
        encoder_attention_heads=4,
        encoder_ffn_dim=2 * width,
        num_mel_bins=16,
        max_source_positions=100,
        vocab_size=len(tokenizer),
        decoder_start_token_id=1,
        bos_token_id=1,
        eos_token_id=1,
        pad_token_id=0,
    )
    config = LSLMConfig(
        audio_config=audio,
        text_config=small_backbone(backbone, len(tokenizer), width),
        adapter_hidden_size=2 * width,
        audio_token_id=tokenizer.convert_tokens_to_ids("<|audio|>"),
    )
    model = LSLMForConditionalGeneration(config)
    model.save_pretrained(folder)
    LSLMProcessor(WhisperFeatureExtractor(feature_size=16, chunk_length=2), tokenizer).save_pretrained(folder)
    return folder


def build_qwen2_audio(folder: Path) -> Path:
    """A Qwen2-Audio with a 2-second window."""
    torch.manual_seed(0)
    tokenizer = byte_tokenizer(SPECIAL[:2] + AUDIO_SPECIAL)
    audio = Qwen2AudioEncoderConfig(
        d_model=32,
        encoder_layers=2,
        encoder_attention_heads=4,
        encoder_ffn_dim=64,
        num_mel_bins=16,
        max_source_positions=100,
    )
    config = Qwen2AudioConfig(
        audio_config=audio,
        text_config=small_backbone("qwen2", len(tokenizer)),
        audio_token_id=tokenizer.convert_tokens_to_ids("<|AUDIO|>"),
    )
    Qwen2AudioForConditionalGeneration(config).save_pretrained(folder)
    Qwen2AudioProcessor(masked_extractor(), tokenizer).save_pretrained(folder)
    return folder


def masked_extractor() -> WhisperFeatureExtractor:
    """Whisper's features of a 2-second window, with the mask of the valid frames."""
    return WhisperFeatureExtractor(feature_size=16, chunk_length=2, return_attention_mask=True)


def save(model: PreTrainedModel, extractor: Any, tokenizer: PreTrainedTokenizerFast, folder: Path) -> Path:
    """A model that ends at token 1, with its feature extractor and tokenizer."""
    model.generation_config.eos_token_id = 1
    for part in (model, extractor, tokenizer):
        part.save_pretrained(folder)
    return folder


def omni_thinker(
    config_class: Any,
    network_class: Any,
    folder: Path,
    audio: dict[str, Any],
    vision: dict[str, Any],
    text: dict[str, Any],
) -> Path:
    """A thinker of the Qwen Omni family with a 2-second window; what its releases differ in is given."""
    torch.manual_seed(0)
    tokenizer = byte_tokenizer(SPECIAL[:2] + AUDIO_SPECIAL)
    tokenizer.chat_template = TEMPLATE.replace("<|{{ m['role'] }}|>", "<|im_start|>").replace(
        "<|assistant|>", "<|im_end|>"
    )
    config = config_class(
        audio_config={
            "d_model": 32,
            "encoder_layers": 2,
            "encoder_attention_heads": 4,
            "encoder_ffn_dim": 64,
            "num_mel_bins": 16,
            "max_source_positions": 100,
            "n_window": 50,
            "output_dim": 32,
            **audio,
        },
        vision_config={
            "depth": 1,
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_heads": 2,
            "out_hidden_size": 32,
            **vision,
        },
        text_config={
            **small_backbone("qwen2", len(tokenizer)).to_dict(),
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]},
            **text,
        },
        audio_token_id=tokenizer.convert_tokens_to_ids("<|AUDIO|>"),
        audio_start_token_id=tokenizer.convert_tokens_to_ids("<|audio_bos|>"),
        audio_end_token_id=tokenizer.convert_tokens_to_ids("<|audio_eos|>"),
        pad_token_id=0,
        vision_start_token_id=200,
        vision_end_token_id=201,
    )
    return save(network_class(config), masked_extractor(), tokenizer, folder)


def build_qwen2_5_omni(folder: Path) -> Path:
    """A Qwen2.5-Omni thinker."""
    return omni_thinker(
        Qwen2_5OmniThinkerConfig,
        Qwen2_5OmniThinkerForConditionalGeneration,
        folder,
        audio={},
        vision={"fullatt_block_indexes": [0]},
        text={"model_type": "qwen2_5_omni_text"},
    )


def build_qwen3_omni(folder: Path) -> Path:
    """A Qwen3-Omni thinker, a mixture of experts."""
    return omni_thinker(
        Qwen3OmniMoeThinkerConfig,
        Qwen3OmniMoeThinkerForConditionalGeneration,
        folder,
        audio={"n_window_infer": 100, "downsample_hidden_size": 8},
        vision={"deepstack_visual_indexes": [0]},
        text={
            "model_type": "qwen3_omni_moe_text",
            "head_dim": 8,
            "moe_intermediate_size": 32,
            "num_experts": 4,
            "num_experts_per_tok": 2,
        },
    )


def build_audio_flamingo(folder: Path, music: bool = False) -> Path:
    """An Audio Flamingo 3 or Music Flamingo with a 2-second window."""
    torch.manual_seed(0)
    tokenizer = byte_tokenizer([*SPECIAL[:4], "<sound>"])
    tokenizer.chat_template = TEMPLATE
    audio = {
        "model_type": "audioflamingo3_encoder",
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "num_mel_bins": 16,
        "max_source_positions": 100,
    }
    parts = {"audio_config": audio, "text_config": small_backbone("qwen2", len(tokenizer)).to_dict()}
    config_class = MusicFlamingoConfig if music else AudioFlamingo3Config
    network_class = MusicFlamingoForConditionalGeneration if music else AudioFlamingo3ForConditionalGeneration
    model = network_class(config_class(**parts, audio_token_id=tokenizer.convert_tokens_to_ids("<sound>")))
    return save(model, masked_extractor(), tokenizer, folder)


GEMMA_SPECIAL = ["<pad>", "<eos>", "<bos>", "<audio>", "<boa>", "<eoa>", "<turn>", "<model>"]
GEMMA_TEMPLATE = "{% for m in messages %}<turn>{{ m['content'] }}{% endfor %}<model>"


def gemma_text(vocabulary: int) -> dict[str, Any]:
    """Five layers, the upper two reuse keys and values; per-layer embeddings."""
    return {
        "vocab_size": vocabulary,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 5,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "num_kv_shared_layers": 2,
        "layer_types": ["sliding_attention", *["sliding_attention", "full_attention"] * 2],
        "hidden_size_per_layer_input": 8,
        "max_position_embeddings": 512,
        "sliding_window": 64,
        "pad_token_id": 0,
        "eos_token_id": 1,
        "bos_token_id": 2,
    }


def build_gemma3n(folder: Path) -> Path:
    """A Gemma3n that hears, with the real feature extractor."""
    torch.manual_seed(0)
    tokenizer = byte_tokenizer(GEMMA_SPECIAL)
    tokenizer.chat_template = GEMMA_TEMPLATE
    n = len(tokenizer)
    config = Gemma3nConfig(
        text_config={
            **gemma_text(n + 16),
            "vocab_size_per_layer_input": n,
            "laurel_rank": 8,
            "activation_sparsity_pattern": [0.0] * 5,
        },
        audio_config={
            "vocab_size": 8,
            "vocab_offset": n + 8,
            "hidden_size": 32,
            "conf_num_hidden_layers": 1,
            "conf_num_attention_heads": 4,
            "sscp_conv_channel_size": [8, 4],
        },
        vision_config={"hidden_size": 32, "vocab_size": 8, "vocab_offset": n},
        audio_token_id=3,
        boa_token_id=4,
        eoa_token_id=5,
    )
    model = BlindGemma3n(config)
    return save(model, Gemma3nAudioFeatureExtractor(), tokenizer, folder)


def build_gemma4(folder: Path) -> Path:
    """A Gemma4 that hears and does not see, with the real feature extractor."""
    torch.manual_seed(0)
    tokenizer = byte_tokenizer(GEMMA_SPECIAL)
    tokenizer.chat_template = GEMMA_TEMPLATE
    config = Gemma4Config(
        text_config={**gemma_text(len(tokenizer)), "vocab_size_per_layer_input": len(tokenizer)},
        audio_config={
            "hidden_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 4,
            "subsampling_conv_channels": [128, 4],
            "output_proj_dims": 32,
        },
        vision_config=None,
        audio_token_id=3,
        boa_token_id=4,
        eoa_token_index=5,
        image_token_id=250,
        video_token_id=251,
    )
    model = Gemma4ForConditionalGeneration(config)
    return save(model, Gemma4AudioFeatureExtractor(), tokenizer, folder)


def tekken_file(special: list[str]) -> str:
    """Mistral's tokenizer format with every byte as a token and these control tokens."""
    return json.dumps(
        {
            "config": {
                "pattern": r"[^\s]+|\s+",
                "num_vocab_tokens": 256,
                "default_vocab_size": 256 + len(special),
                "default_num_special_tokens": len(special),
                "version": "v7",
            },
            "vocab": [
                {"rank": i, "token_bytes": base64.b64encode(bytes([i])).decode(), "token_str": None} for i in range(256)
            ],
            "special_tokens": [{"rank": i, "token_str": t, "is_control": True} for i, t in enumerate(special)],
        }
    )


def build_voxtral(folder: Path) -> Path:
    """A Voxtral with a 2-second window (25 tokens) and a tekken.json, as Mistral publishes it."""
    torch.manual_seed(0)
    special = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]", "<pad>", "[AUDIO]", "[BEGIN_AUDIO]"]
    config = VoxtralConfig(
        audio_config={
            "hidden_size": 32,
            "intermediate_size": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_mel_bins": 16,
            "max_source_positions": 100,
        },
        text_config={**small_backbone("llama", 256 + len(special)).to_dict(), "pad_token_id": 5, "eos_token_id": 2},
        audio_token_id=6,
    )
    model = VoxtralForConditionalGeneration(config)
    model.generation_config.eos_token_id = 2
    model.save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=16, chunk_length=2).save_pretrained(folder)
    (folder / "tekken.json").write_text(tekken_file(special), encoding="utf-8")
    return folder


def build_phi4_multimodal(folder: Path) -> Path:
    """A Phi-4-multimodal with the real feature extractor and a speech LoRA that changes the states."""
    torch.manual_seed(0)
    tokenizer = byte_tokenizer(SPECIAL)
    tokenizer.chat_template = TEMPLATE
    shape = small_backbone("llama", len(tokenizer)).to_dict()
    for field in ("model_type", "rope_parameters", "architectures"):
        shape.pop(field, None)
    config = Phi4MultimodalConfig(
        **shape,
        audio_config={
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_blocks": 1,
            "num_attention_heads": 4,
            "ext_pw_out_channel": 32,
            "depthwise_separable_out_channel": 32,
            "nemo_conv_channels": 8,
            "audio_token_id": tokenizer.convert_tokens_to_ids("<|audio|>"),
        },
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "crop_size": 28,
            "image_size": 28,
            "image_token_id": 255,
        },
    )
    model = Phi4MultimodalForCausalLM(config)
    save(model, Phi4MultimodalFeatureExtractor(), tokenizer, folder)
    lora = LoraConfig(r=2, target_modules=r"model\.layers\.\d+\.self_attn\.o_proj", init_lora_weights=False)
    model.add_adapter(lora, "speech")
    model.save_pretrained(folder / "speech-lora")
    return folder


def build_units(folder: Path, kind: str = "glm") -> Path:
    """A causal LM with speech units in its vocabulary: GLM-4-Voice's marks on a GLM, or SpeechGPT's on a Llama."""
    torch.manual_seed(0)
    written = GLM_4_VOICE if kind == "glm" else SPEECH_GPT
    units = [written.token.format(i) for i in range(40)]
    tokenizer = byte_tokenizer(["<|pad|>", "<|end|>", written.begin, written.end, *units])
    shape = {**small_backbone("llama", len(tokenizer)).to_dict(), "head_dim": 8}
    shape.pop("model_type")
    config = GlmConfig(**shape) if kind == "glm" else LlamaConfig(**shape)
    model = AutoModelForCausalLM.from_config(config)
    model.generation_config.eos_token_id = 1
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def loudness_units(ms_per_unit: int) -> UnitTokenizer:
    """A unit tokenizer: how loud the sound is in each stretch, in 20 steps; never twice the same in a row."""

    def units(wave: np.ndarray) -> list[int]:
        stretches = wave[: wave.size // (16 * ms_per_unit) * 16 * ms_per_unit].reshape(-1, 16 * ms_per_unit)
        loudness = np.minimum(np.abs(stretches).mean(-1) * 100, 19).astype(int)
        found: list[int] = (2 * loudness + np.arange(len(loudness)) % 2).tolist()
        return found

    return units


UNIT_TOKENIZERS = {"glm-4-voice": loudness_units(80), "speechgpt": loudness_units(20)}


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "lslm-qwen2": build_lslm,
    "lslm-llama": lambda folder: build_lslm(folder, "llama"),
    "qwen2-audio": build_qwen2_audio,
    "qwen2.5-omni": build_qwen2_5_omni,
    "qwen3-omni": build_qwen3_omni,
    "gemma3n": build_gemma3n,
    "gemma4": build_gemma4,
    "voxtral": build_voxtral,
    "phi-4-multimodal": build_phi4_multimodal,
    "audio-flamingo-3": build_audio_flamingo,
    "glm-4-voice": build_units,
    "speechgpt": lambda folder: build_units(folder, "speechgpt"),
    "music-flamingo": lambda folder: build_audio_flamingo(folder, music=True),
}
