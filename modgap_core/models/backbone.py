"""The untuned text backbone: what the LLM was before it learned to hear (denominator of MRR; paper, table 3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import transformers

from modgap_core.errors import ModelError
from modgap_core.models.adapters.lslm import LSLMAdapter
from modgap_core.models.adapters.text_only import TextOnlyAdapter
from modgap_core.models.content_hash import content_hash
from modgap_core.models.find_model import find_folder, read_config
from modgap_core.models.load import MINI, READ_ERRORS, shown_name, unloadable
from modgap_core.models.load_options import LoadOptions
from modgap_core.models.quiet import quiet
from modgap_core.models.speech_lm import ModelIdentity, SpeechLM


def load_backbone(model: str | Path | None = None, device: str = "auto", dtype: str = "auto") -> SpeechLM:
    """Load a causal LM that reads only.

    Args:
        model: a folder or hub id; of an LSLM's folder its language model without LoRA; None for modgap-mini's.
        device: see `load_model`.
        dtype: see `load_model`.

    Returns:
        A model whose `encode_text` and `generate` work; it refuses speech.

    Raises:
        ModelError: it is missing, broken, or no causal LM.
    """
    options = LoadOptions(device, dtype)
    folder = find_folder(MINI if model is None else model)
    model_type = str(read_config(folder).get("model_type"))
    with quiet():
        try:
            network = _network(folder, model_type, options.from_pretrained_arguments())
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        except READ_ERRORS as error:
            raise unloadable("text backbone", folder, error) from error
    if not tokenizer.is_fast:
        raise ModelError(f"The tokenizer of {folder.name!r} has no fast form, so a transcript cannot be found in it.")
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    name = f"{shown_name(model, folder)} (text backbone)"
    identity = ModelIdentity(name, content_hash(folder), model_type)
    return SpeechLM(TextOnlyAdapter(network.to(options.place).eval(), tokenizer), identity)


def _network(folder: Path, model_type: str, arguments: dict[str, Any]) -> Any:
    if model_type in LSLMAdapter.model_types:
        return LSLMAdapter.network_class("").from_pretrained(folder, **arguments).language_model
    return transformers.AutoModelForCausalLM.from_pretrained(folder, **arguments)
