"""`load_model`: from a folder or hub id to a checked `SpeechLM`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES,
)

from modgap_core.errors import ModelError
from modgap_core.models.adapters import ADAPTERS, ModelAdapter
from modgap_core.models.check import Check
from modgap_core.models.content_hash import content_hash
from modgap_core.models.quiet import quiet
from modgap_core.models.self_check import self_check
from modgap_core.models.speech_lm import ModelIdentity, SpeechLM
from modgap_core.models.tested import untested_notes

MINI = Path(__file__).resolve().parents[2] / "assets" / "models" / "modgap-mini"
"""The model that ships with ModGap."""

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_TRANSCRIBERS = frozenset({"glmasr", "granite_speech_plus", "granite_speech5"})
_NOTES_FILE = "modgap.json"


def load_model(model: str | Path | None = None, device: str = "auto", dtype: str = "auto") -> SpeechLM:
    """Load a speech language model.

    Args:
        model: a folder, a Hugging Face hub id, or None for modgap-mini, which ships with ModGap.
        device: ``auto`` (a GPU where there is one), ``cpu`` or ``cuda``.
        dtype: ``auto`` (bfloat16 on a GPU, else float32), ``float32``, ``bfloat16`` or ``float16``.

    Returns:
        The model, on its device, in evaluation mode, with `SpeechLM.checks` filled in by the self-check.

    Raises:
        ModelError: it is missing, broken, of a type without an adapter, or fails the self-check.
    """
    place = choose_device(device)
    precision = choose_dtype(dtype, place)
    folder = find_folder(MINI if model is None else model)
    model_type = _supported_type(folder)
    adapter_class = ADAPTERS[model_type]
    identity = ModelIdentity(_shown_name(model, folder), content_hash(folder), model_type)
    with quiet():
        network = _load_network(adapter_class, folder, precision).to(place).eval()
        notes = [*read_notes(folder), *untested_notes()]
        loaded = SpeechLM(adapter_class(network, _load_processor(adapter_class, folder)), identity, notes)
        loaded.checks = _checked(loaded)
    return loaded


def choose_device(device: str) -> torch.device:
    """``auto``, ``cpu`` or ``cuda`` as a device that is really there."""
    if device not in ("auto", "cpu", "cuda"):
        raise ModelError(f"Unknown device {device!r}; choose from auto, cpu, cuda.")
    if device == "cuda" and not torch.cuda.is_available():
        raise ModelError("No CUDA GPU is available to PyTorch here; choose --device cpu.")
    return torch.device("cuda" if device != "cpu" and torch.cuda.is_available() else "cpu")


def choose_dtype(dtype: str, device: torch.device) -> torch.dtype:
    """``auto`` or a name as a precision."""
    if dtype == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    if dtype not in _DTYPES:
        raise ModelError(f"Unknown dtype {dtype!r}; choose from auto, {', '.join(_DTYPES)}.")
    return _DTYPES[dtype]


def find_folder(model: str | Path) -> Path:
    """The folder of a model: itself, or the hub's snapshot (downloaded where there is a network)."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if folder.exists() or isinstance(model, Path) or str(model).startswith((".", "/", "~")):
        raise ModelError(f"There is no model folder at {str(model)!r}; give a folder with a config.json, or a hub id.")
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(str(model), ignore_patterns=["*.pth", "*.onnx", "*.gguf"]))
    except Exception as error:  # the hub raises many kinds; each means that there is no such model to be had
        raise ModelError(
            f"{str(model)!r} is neither a folder nor a model that the Hugging Face hub gave ({type(error).__name__}); "
            "check the name and the network."
        ) from error


def _supported_type(folder: Path) -> str:
    path = folder / "config.json"
    if not path.exists():
        raise ModelError(f"The folder {folder.name!r} has no config.json, so it is no transformers model.")
    try:
        model_type = json.loads(path.read_text(encoding="utf-8")).get("model_type")
    except (ValueError, AttributeError) as error:
        raise ModelError(f"The config.json of {folder.name!r} is broken ({error}); copy the model again.") from error
    if model_type not in ADAPTERS:
        raise ModelError(
            f"The model {folder.name!r} is of type {model_type!r}, {_why_unsupported(str(model_type))}; "
            f"supported types: {', '.join(sorted(ADAPTERS))}."
        )
    return str(model_type)


def _why_unsupported(model_type: str) -> str:
    if model_type in MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES or model_type in _TRANSCRIBERS:
        return "which transcribes and does not answer, so that it is no speech LLM (it can be the ASR of a pipeline)"
    if model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        return "a language model that reads but does not hear"
    return "for which ModGap has no adapter"


def _load_network(adapter_class: type[ModelAdapter], folder: Path, dtype: torch.dtype) -> Any:
    config = transformers.AutoConfig.from_pretrained(folder)
    network_class = adapter_class.network_class((config.architectures or [""])[0])
    try:
        network, info = network_class.from_pretrained(folder, dtype=dtype, output_loading_info=True)
    except (OSError, SafetensorError, RuntimeError, ValueError, KeyError) as error:
        first_line = str(error).strip().splitlines()[0][:200]
        raise ModelError(f"The weights of {folder.name!r} cannot be loaded: {first_line}") from error
    _refuse_incomplete(folder, info)
    return adapter_class.finish(network, folder)


def _refuse_incomplete(folder: Path, info: dict[str, Any]) -> None:
    missing = sorted(map(str, info.get("missing_keys") or ()))
    wrong = sorted(map(str, info.get("mismatched_keys") or ()))
    if missing or wrong:
        raise ModelError(
            f"The weights of {folder.name!r} do not fit its configuration: {len(missing)} missing, {len(wrong)} of "
            f"another shape, first {(missing or wrong)[0]}; copy the model again."
        )


def _load_processor(adapter_class: type[ModelAdapter], folder: Path) -> Any:
    try:
        return adapter_class.load_processor(folder)
    except (OSError, ValueError, KeyError) as error:
        first_line = str(error).strip().splitlines()[0][:200]
        raise ModelError(f"The processor of {folder.name!r} cannot be loaded: {first_line}") from error


def _shown_name(model: str | Path | None, folder: Path) -> str:
    return str(model) if isinstance(model, str) and not Path(model).exists() else folder.name


def read_notes(folder: Path) -> list[str]:
    """Sentences for the user that lie beside a model in modgap.json."""
    path = folder / _NOTES_FILE
    return list(json.loads(path.read_text(encoding="utf-8")).get("notes", [])) if path.exists() else []


def _checked(model: SpeechLM) -> tuple[Check, ...]:
    checks = self_check(model)
    if failed := [c for c in checks if not c.passed]:
        raise ModelError(
            f"{model.identity.name} fails ModGap's self-check, so its numbers would be wrong: "
            f"{failed[0].name} ({failed[0].detail})."
        )
    return checks
