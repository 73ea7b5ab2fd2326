"""Write the trained parts as the model folders that ship in ``assets/models``."""

from __future__ import annotations

import json
from pathlib import Path

from transformers import PreTrainedTokenizerFast, WhisperForConditionalGeneration

from modgap_core.models.lslm import LSLMForConditionalGeneration, LSLMProcessor
from recipes.modgap_mini.asr import feature_extractor

MINI_NAME, ASR_NAME = "modgap-mini", "modgap-mini-asr"
NOTES = [
    "modgap-mini knows a closed world of spoken English questions by synthetic voices only; with a person's voice or "
    "other questions it mostly guesses. For real speech load a real model, for example Qwen2-Audio."
]


def export_speech_model(model: LSLMForConditionalGeneration, processor: LSLMProcessor, folder: Path) -> None:
    """The LSLM: untuned backbone, encoder and adapter in one file, the LoRA beside them in ``lora/``."""
    tuned = model.language_model
    tuned.peft_config["default"].base_model_name_or_path = MINI_NAME
    tuned.save_pretrained(folder / "lora")
    (folder / "lora" / "README.md").unlink(missing_ok=True)
    model.language_model = tuned.unload()
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    (folder / "modgap.json").write_text(json.dumps({"notes": NOTES}, indent=1), encoding="utf-8")


def export_asr(asr: WhisperForConditionalGeneration, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """The whole Whisper, for the pipeline baseline."""
    asr.set_attn_implementation("sdpa")
    asr.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    feature_extractor().save_pretrained(folder)
