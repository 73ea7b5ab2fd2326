"""modgap-mini at the kept steps of its last two stages, as model folders."""

from __future__ import annotations

from pathlib import Path

import torch
from peft import get_peft_model
from safetensors.torch import load_file

from modgap_core.models.lslm import LSLMForConditionalGeneration, LSLMProcessor
from recipes.modgap_mini.export import export_speech_model
from recipes.modgap_mini.speech_model import LORA
from recipes.modgap_mini.training import kept_weights


def write_checkpoints(work: Path, stage: str, name: str, shipped: Path) -> list[Path]:
    """Write one model folder a kept step: adapter and LoRA of that step, all that was frozen from the shipped model.

    Args:
        work: where the weights were kept in training.
        stage: ``TRANSCRIBING`` (no LoRA yet: it is there and does nothing) or ``ANSWERING``.
        name: of the stage, for the folders.
        shipped: folder of the trained modgap-mini.

    Returns:
        The folders, in the order of the steps.
    """
    return [
        _write(weights, shipped, work / "checkpoints" / f"{name}-{step:04d}")
        for step, weights in kept_weights(work / f"{stage}.checkpoint.pt").items()
    ]


def _write(weights: Path, shipped: Path, folder: Path) -> Path:
    model, processor = LSLMForConditionalGeneration.from_pretrained(shipped), LSLMProcessor.from_pretrained(shipped)
    torch.manual_seed(0)
    model.language_model = get_peft_model(model.language_model, LORA)
    unknown = model.load_state_dict(load_file(weights), strict=False).unexpected_keys
    if unknown:
        raise ValueError(f"{weights.name} is of another model: it has {unknown[0]}.")
    export_speech_model(model, processor, folder)
    return folder
