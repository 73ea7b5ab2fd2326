"""The paper's LSLM put together from its parts: a Whisper, a causal LM, adapter weights, possibly LoRA."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, WhisperFeatureExtractor, WhisperModel

from modgap_core.errors import ModelError
from modgap_core.models.adapters.base import LORA_FOLDER
from modgap_core.models.lslm.configuration import LSLMConfig
from modgap_core.models.lslm.modeling import LSLMForConditionalGeneration
from modgap_core.models.lslm.processing import LSLMProcessor

AUDIO_TOKEN = "<|audio|>"
_LAYERS = ("linear_1.weight", "linear_1.bias", "linear_2.weight", "linear_2.bias")


def assemble_lslm(encoder: Path, backbone: Path, adapter: Path, out: Path, lora: Path | None = None) -> Path:
    """Write one model folder that `load_model` takes.

    Args:
        encoder: folder of a Whisper; its encoder and feature extractor are used.
        backbone: folder of a causal LM with its tokenizer.
        adapter: safetensors with the two fully connected layers: ``linear_1`` (h, k x d_encoder), ``linear_2``
            (d_llm, h), weights and biases; a prefix before these names does not matter.
        out: the new folder.
        lora: folder of a peft adapter of the backbone; copied, and merged at every load.

    Returns:
        The new folder.

    Raises:
        ModelError: a part is missing, broken or does not fit the others.
    """
    speech = _part("encoder", encoder, lambda: WhisperModel.from_pretrained(encoder).encoder)
    llm = _part("backbone", backbone, lambda: AutoModelForCausalLM.from_pretrained(backbone))
    tokenizer = _part("backbone's tokenizer", backbone, lambda: AutoTokenizer.from_pretrained(backbone))
    extractor = _part("feature extractor", encoder, lambda: WhisperFeatureExtractor.from_pretrained(encoder))
    weights = _adapter_weights(adapter)
    stack_size, hidden = _adapter_shape(weights, speech.config.d_model, llm.config.hidden_size)
    audio_token_id = _add_placeholder(tokenizer, llm)
    config = LSLMConfig(
        audio_config=speech.config,
        text_config=llm.config,
        stack_size=stack_size,
        adapter_hidden_size=hidden,
        audio_token_id=audio_token_id,
    )
    model = LSLMForConditionalGeneration(config)
    model.encoder.load_state_dict(speech.state_dict())
    model.language_model.load_state_dict(llm.state_dict())
    model.adapter.load_state_dict(weights)
    model.generation_config = llm.generation_config
    model.save_pretrained(out)
    LSLMProcessor(extractor, tokenizer, audio_token=AUDIO_TOKEN, stack_size=stack_size).save_pretrained(out)
    if lora is not None:
        if not (lora / "adapter_config.json").exists():
            raise ModelError(f"The LoRA folder {lora.name!r} has no adapter_config.json; give a folder saved by peft.")
        shutil.copytree(lora, out / LORA_FOLDER, dirs_exist_ok=True)
    return out


def _part(what: str, folder: Path, load: Any) -> Any:
    if not folder.is_dir():
        raise ModelError(f"There is no folder {str(folder)!r} for the {what}; give the folder of a transformers model.")
    try:
        return load()
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        first_line = str(error).strip().splitlines()[0][:200]
        raise ModelError(f"The {what} in {folder.name!r} cannot be loaded: {first_line}") from error


def _adapter_weights(path: Path) -> dict[str, torch.Tensor]:
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"The adapter {path.name!r} is no readable safetensors file ({error}).") from error
    found = {name: tensor for name in _LAYERS for key, tensor in tensors.items() if key.endswith(name)}
    if missing := [name for name in _LAYERS if name not in found]:
        raise ModelError(
            f"The adapter {path.name!r} has no {missing[0]}; it holds {', '.join(sorted(tensors)[:6])}. "
            "Rename its tensors to linear_1 and linear_2."
        )
    return found


def _adapter_shape(weights: dict[str, torch.Tensor], d_encoder: int, d_llm: int) -> tuple[int, int]:
    hidden, stacked = weights["linear_1.weight"].shape
    if stacked % d_encoder:
        raise ModelError(
            f"The adapter takes vectors of {stacked}, which is no multiple of the encoder's width {d_encoder}; "
            "it was trained for another encoder."
        )
    if weights["linear_2.weight"].shape[0] != d_llm:
        raise ModelError(
            f"The adapter gives vectors of {weights['linear_2.weight'].shape[0]}, but the backbone takes {d_llm}; "
            "it was trained for another backbone."
        )
    return stacked // d_encoder, hidden


def _add_placeholder(tokenizer: Any, llm: Any) -> int:
    """Id of the placeholder; the vocabulary grows where it has no row to spare. Its embedding is never read."""
    tokenizer.add_special_tokens({"additional_special_tokens": [AUDIO_TOKEN]}, replace_extra_special_tokens=False)
    token_id = int(tokenizer.convert_tokens_to_ids(AUDIO_TOKEN))
    if token_id >= llm.get_input_embeddings().num_embeddings:
        llm.resize_token_embeddings(token_id + 1, mean_resizing=False)
    return token_id
