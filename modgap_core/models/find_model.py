"""From a model's name to its folder and the adapter that fits its type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_CTC_MAPPING_NAMES,
    MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES,
)

from modgap_core.errors import ModelError
from modgap_core.models.adapters import ADAPTERS, ModelAdapter
from modgap_core.models.adapters.units import UnitAdapter
from modgap_core.models.speech_units import unit_format
from modgap_core.shipped import given_path

_TRANSCRIBERS = frozenset(
    {
        *MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES,
        *MODEL_FOR_CTC_MAPPING_NAMES,
        *("glmasr", "granite_speech_plus", "granite_speech5"),
    }
)
_UNUSED_FILES = ["*.pth", "*.onnx", "*.gguf"]


def find_folder(model: str | Path) -> Path:
    """The folder of a model: itself, or the hub's snapshot (downloaded where there is a network).

    Raises:
        ModelError: there is no such folder, and the hub gives no such model.
    """
    folder = given_path(model).expanduser()
    if folder.is_dir():
        return folder
    if folder.exists() or isinstance(model, Path) or str(model).startswith((".", "/", "~")):
        raise ModelError(f"There is no model folder at {str(model)!r}; give a folder with a config.json, or a hub id.")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(str(model), ignore_patterns=_UNUSED_FILES))
    except Exception as error:  # the hub raises many kinds; each means that there is no such model to be had
        raise ModelError(f"{str(model)!r} is no folder here, and {_why_not_from_hub(error)}.") from error


def _why_not_from_hub(error: Exception) -> str:
    from huggingface_hub import errors

    if isinstance(error, errors.HFValidationError):
        return "cannot be a Hugging Face hub id; write OWNER/NAME"
    if isinstance(error, errors.GatedRepoError):
        return "the Hugging Face hub gives it only to those who accepted its terms; do so there, then: hf auth login"
    if isinstance(error, errors.RepositoryNotFoundError):
        return "the Hugging Face hub has no such model (or it is private; then: hf auth login); check the name"
    if isinstance(error, errors.LocalEntryNotFoundError | errors.OfflineModeIsEnabled | OSError):
        return "the Hugging Face hub could not be reached and no copy was downloaded before; check name and network"
    return f"the Hugging Face hub did not give it ({type(error).__name__}); check name and network"


def read_config(folder: Path) -> dict[str, Any]:
    """A model's config.json.

    Raises:
        ModelError: it is missing or broken.
    """
    path = folder / "config.json"
    if not path.exists():
        raise ModelError(f"The folder {folder.name!r} has no config.json, so it is no transformers model.")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"The config.json of {folder.name!r} is broken ({error}); copy the model again.") from error
    if not isinstance(config, dict):
        raise ModelError(f"The config.json of {folder.name!r} is broken (no object); copy the model again.")
    if "model_type" not in config:
        raise ModelError(f"The config.json of {folder.name!r} has no model_type, so it is no transformers model.")
    return config


def adapter_for(folder: Path, trust_remote_code: bool = False) -> type[ModelAdapter]:
    """The adapter of a model folder: by its type, or by the speech units in its vocabulary.

    Raises:
        ModelError: the model transcribes only, reads only, needs code of its own, or nobody wrote an adapter for it.
    """
    config = read_config(folder)
    model_type = str(config.get("model_type"))
    if model_type in ADAPTERS:
        return ADAPTERS.get(model_type)
    needs_code = "auto_map" in config and model_type not in CONFIG_MAPPING_NAMES
    if needs_code and not trust_remote_code:
        raise ModelError(
            f"The model {folder.name!r} (type {model_type!r}) needs program code from its own folder, which ModGap "
            "never runs unless you pass --trust-remote-code; read that code first."
        )
    reads = model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES or needs_code
    if reads and unit_format(folder, trust_remote_code) is not None:
        return UnitAdapter
    raise ModelError(
        f"The model {folder.name!r} is of type {model_type!r}, {_why_unsupported(model_type)}; "
        f"supported types: {', '.join(sorted(ADAPTERS.names()))}, and causal LMs with speech units in their vocabulary "
        "(docs/adding-a-model.md)."
    )


def is_transcriber(model_type: str) -> bool:
    """Whether models of this type write down what they hear, and do nothing else."""
    return model_type in _TRANSCRIBERS and model_type not in ADAPTERS


def _why_unsupported(model_type: str) -> str:
    if is_transcriber(model_type):
        return "which transcribes and does not answer, so that it is no speech LLM (it can be the ASR of a pipeline)"
    if model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        return "a language model that reads but does not hear"
    return "for which ModGap has no adapter"
