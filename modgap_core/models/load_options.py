"""Where and how a model is loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import torch
from transformers import BitsAndBytesConfig

from modgap_core.errors import ModelError
from modgap_core.extras import need_extra

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
QUANTIZATIONS = ("8bit", "4bit")


@dataclass(frozen=True)
class LoadOptions:
    """What a user may ask for beside the model's name.

    Attributes:
        device: ``auto`` (a GPU where there is one), ``cpu``, ``cuda`` or ``cuda:N``.
        dtype: ``auto`` (bfloat16 on a GPU, else float32), ``float32``, ``bfloat16`` or ``float16``.
        device_map: for a model over one GPU: ``auto``, or another value that transformers takes; then `device` is
            not used.
        attn_implementation: ``eager``, ``sdpa``, ``flash_attention_2``; None leaves it to transformers.
        quantization: ``8bit``, ``4bit`` (bitsandbytes) or None.
        trust_remote_code: run code that lies in the model's folder. Never without this.

    Raises:
        ModelError: a value is unknown, the GPU is not there, or bitsandbytes is not installed.
    """

    device: str = "auto"
    dtype: str = "auto"
    device_map: str | None = None
    attn_implementation: str | None = None
    quantization: str | None = None
    trust_remote_code: bool = False

    def __post_init__(self) -> None:
        choose_dtype(self.dtype, choose_device(self.device))
        if self.quantization not in (None, *QUANTIZATIONS):
            raise ModelError(f"Unknown quantization {self.quantization!r}; choose from {', '.join(QUANTIZATIONS)}.")
        if self.quantization:
            need_extra("quantized", f"Quantization to {self.quantization}", "bitsandbytes", error=ModelError)

    @property
    def is_placed_by_transformers(self) -> bool:
        """Whether the weights are on their devices once they are read."""
        return self.device_map is not None or self.quantization is not None

    @property
    def place(self) -> torch.device:
        """The device, where the whole model goes to one."""
        return choose_device(self.device)

    def from_pretrained_arguments(self) -> dict[str, Any]:
        """Arguments of ``from_pretrained``, only those that were asked for."""
        arguments: dict[str, Any] = {"dtype": choose_dtype(self.dtype, self.place)}
        if self.device_map is not None:
            arguments["device_map"] = self.device_map
        elif self.quantization:
            arguments["device_map"] = {"": self.place}
        if self.attn_implementation is not None:
            arguments["attn_implementation"] = self.attn_implementation
        if self.quantization:
            in_8bit = self.quantization == "8bit"
            arguments["quantization_config"] = BitsAndBytesConfig(load_in_8bit=in_8bit, load_in_4bit=not in_8bit)
        if self.trust_remote_code:
            arguments["trust_remote_code"] = True
        return arguments


def choose_device(device: str) -> torch.device:
    """``auto``, ``cpu``, ``cuda`` or ``cuda:N`` as a device that is really there."""
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", device):
        raise ModelError(f"Unknown device {device!r}; choose from auto, cpu, cuda, cuda:0, cuda:1 ...")
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    chosen = torch.device(device)
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise ModelError("No CUDA GPU is available to PyTorch here; choose --device cpu.")
    if (chosen.index or 0) >= (n := torch.cuda.device_count()) and chosen.type == "cuda":
        raise ModelError(f"There is no {device}: PyTorch sees {n} GPU(s), numbered from 0.")
    return chosen


def choose_dtype(dtype: str, device: torch.device) -> torch.dtype:
    """``auto`` or a name as a precision."""
    if dtype == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    if dtype not in DTYPES:
        raise ModelError(f"Unknown dtype {dtype!r}; choose from auto, {', '.join(DTYPES)}.")
    return DTYPES[dtype]
