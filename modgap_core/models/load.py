"""`load_model`: from a folder or hub id to a checked `SpeechLM`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import transformers
from safetensors import SafetensorError

from modgap_core.errors import ModelError
from modgap_core.models.adapters import ModelAdapter
from modgap_core.models.adapters.units import UnitAdapter
from modgap_core.models.check import Check
from modgap_core.models.content_hash import content_hash
from modgap_core.models.find_model import adapter_for, find_folder
from modgap_core.models.load_options import LoadOptions
from modgap_core.models.modgap_json import read_notes
from modgap_core.models.quiet import quiet
from modgap_core.models.self_check import self_check
from modgap_core.models.speech_lm import ModelIdentity, SpeechLM
from modgap_core.models.speech_units import UnitTokenizer
from modgap_core.models.tested import untested_notes
from modgap_core.shipped import MINI_NAME, given_path, shipped_path

MINI = shipped_path(f"models/{MINI_NAME}")
"""The model that ships with ModGap."""

READ_ERRORS = (OSError, SafetensorError, RuntimeError, ValueError, KeyError, ImportError, AttributeError, TypeError)
"""What reading a model's files may raise."""


def load_model(
    model: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    *,
    device_map: str | None = None,
    attn_implementation: str | None = None,
    quantization: str | None = None,
    trust_remote_code: bool = False,
    unit_tokenizer: UnitTokenizer | None = None,
) -> SpeechLM:
    """Load a speech language model.

    Args:
        model: a folder, ``shipped:NAME``, a Hugging Face hub id, or None for modgap-mini, which ships with ModGap.
        device: ``auto`` (a GPU where there is one), ``cpu`` or ``cuda``.
        dtype: ``auto`` (bfloat16 on a GPU, else float32), ``float32``, ``bfloat16`` or ``float16``.
        device_map: for a model over one GPU, see `LoadOptions`.
        attn_implementation: see `LoadOptions`.
        quantization: ``8bit`` or ``4bit``, with bitsandbytes.
        trust_remote_code: run code that lies in the model's folder; never without this.
        unit_tokenizer: for models whose speech is discrete units: a clip to its units, or `GivenUnits`.

    Returns:
        The model, on its device, in evaluation mode, with `SpeechLM.checks` filled in by the self-check.

    Raises:
        ModelError: it is missing, broken, of a type without an adapter, needs a package that is not installed, or
            fails the self-check.
    """
    options = LoadOptions(device, dtype, device_map, attn_implementation, quantization, trust_remote_code)
    folder = find_folder(MINI if model is None else model)
    with quiet():
        adapter_class = adapter_for(folder, trust_remote_code)
        if unit_tokenizer is not None and not issubclass(adapter_class, UnitAdapter):
            raise ModelError(f"The model {folder.name!r} hears sound itself and takes no speech units; leave them out.")
        network = _load_network(adapter_class, folder, options)
        adapter = adapter_class(network, _load_processor(adapter_class, folder, options))
        if isinstance(adapter, UnitAdapter) and unit_tokenizer is not None:
            adapter.unit_tokenizer = unit_tokenizer
        identity = ModelIdentity(shown_name(model, folder), content_hash(folder), network.config.model_type)
        loaded = SpeechLM(adapter, identity, [*read_notes(folder), *untested_notes()])
        loaded.checks = _checked(loaded)
    return loaded


def _load_network(adapter_class: type[ModelAdapter], folder: Path, options: LoadOptions) -> Any:
    try:
        config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=options.trust_remote_code)
        network_class = adapter_class.network_class((config.architectures or [""])[0])
        arguments = options.from_pretrained_arguments()
        network, info = network_class.from_pretrained(folder, output_loading_info=True, **arguments)
    except READ_ERRORS as error:
        raise unloadable("weights", folder, error) from error
    _refuse_incomplete(folder, info)
    try:
        network = adapter_class.finish(network, folder)
    except ModelError:
        raise
    except READ_ERRORS as error:
        raise unloadable("LoRA", folder, error) from error
    return (network if options.is_placed_by_transformers else network.to(options.place)).eval()


def unloadable(what: str, folder: Path, error: Exception) -> ModelError:
    """The sentence for files that could not be read: a package to install, or the first line of the error."""
    if package := missing_package(error):
        return ModelError(f"The model {folder.name!r} needs the package {package!r}: pip install {package}")
    return ModelError(f"The {what} of {folder.name!r} cannot be loaded: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def missing_package(error: Exception) -> str | None:
    """The package to install, if that is what an error of transformers is about.

    >>> missing_package(ImportError("X requires the timm library ... `pip install timm`. Please note"))
    'timm'
    """
    if not isinstance(error, ImportError):
        return None
    named = re.search(r"pip install ([A-Za-z][\w\-\[\]]*)", str(error)) or re.search(
        r"package (\w+) seems to be not installed", str(error)
    )
    return named.group(1) if named else error.name


def _refuse_incomplete(folder: Path, info: dict[str, Any]) -> None:
    missing = sorted(map(str, info.get("missing_keys") or ()))
    wrong = sorted(map(str, info.get("mismatched_keys") or ()))
    if missing or wrong:
        raise ModelError(
            f"The weights of {folder.name!r} do not fit its configuration: {len(missing)} missing, {len(wrong)} of "
            f"another shape, first {(missing or wrong)[0]}; copy the model again."
        )


def _load_processor(adapter_class: type[ModelAdapter], folder: Path, options: LoadOptions) -> Any:
    try:
        return adapter_class.load_processor(folder, options.trust_remote_code)
    except ModelError:
        raise
    except READ_ERRORS as error:
        raise unloadable("processor", folder, error) from error


def shown_name(model: str | Path | None, folder: Path) -> str:
    """A hub id as it was given; of a folder its name alone."""
    return str(model) if isinstance(model, str) and not given_path(model).exists() else folder.name


def _checked(model: SpeechLM) -> tuple[Check, ...]:
    try:
        checks = self_check(model)
    except ModelError:
        raise
    except (RuntimeError, TypeError, ValueError, NotImplementedError) as error:
        raise ModelError(
            f"{model.identity.name} was loaded but does not run as asked for ({_first_line(error)}); try it without "
            "--quantization, --dtype and --attn-implementation."
        ) from error
    if failed := [c for c in checks if not c.passed]:
        raise ModelError(
            f"{model.identity.name} fails ModGap's self-check, so its numbers would be wrong: "
            f"{failed[0].name} ({failed[0].detail})."
        )
    return checks
