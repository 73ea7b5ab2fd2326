"""Undefined values: NaN inside tensors and arrays, None (or the word) where people read them."""

from __future__ import annotations

import math

import torch


def to_optional(value: torch.Tensor | float) -> float | None:
    """A number, or None where it is undefined.

    >>> to_optional(0.5), to_optional(float("nan"))
    (0.5, None)
    """
    number = float(value)
    return None if math.isnan(number) else number
