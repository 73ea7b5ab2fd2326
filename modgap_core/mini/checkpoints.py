"""modgap-mini at each kept step of its last training stage, as model folders."""

from __future__ import annotations

from pathlib import Path

from peft import get_peft_model
from safetensors.torch import load_file

from modgap_core.mini.export import export_speech_model
from modgap_core.mini.speech_model import CHECKPOINT, LORA
from modgap_core.mini.training import kept_weights
from modgap_core.models.lslm import LSLMForConditionalGeneration, LSLMProcessor


def write_checkpoints(work: Path, shipped: Path) -> list[Path]:
    """Write one model folder a kept step: adapter and LoRA of that step, all that was frozen from the shipped model.

    Args:
        work: where `train_speech_model` kept its weights.
        shipped: folder of the trained modgap-mini.

    Returns:
        The folders, in the order of the steps.
    """
    return [
        _write(weights, shipped, work / "checkpoints" / f"step-{step:04d}")
        for step, weights in kept_weights(work / CHECKPOINT).items()
    ]


def _write(weights: Path, shipped: Path, folder: Path) -> Path:
    model, processor = LSLMForConditionalGeneration.from_pretrained(shipped), LSLMProcessor.from_pretrained(shipped)
    model.language_model = get_peft_model(model.language_model, LORA)
    unknown = model.load_state_dict(load_file(weights), strict=False).unexpected_keys
    if unknown:
        raise ValueError(f"{weights.name} is of another model: it has {unknown[0]}.")
    export_speech_model(model, processor, folder)
    return folder
