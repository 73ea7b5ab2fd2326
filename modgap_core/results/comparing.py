"""Results that compare by content, arrays included, and read shortly."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd


def same_content(one: Any, other: Any) -> bool:
    """Whether two results hold the same: arrays to the bit, undefined values (NaN) equal to each other.

    >>> same_content({"a": np.array([1.0, np.nan])}, {"a": np.array([1.0, np.nan])}), same_content(1.0, 2.0)
    (True, False)
    """
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return _same_arrays(np.asarray(one), np.asarray(other))
    if isinstance(one, pd.DataFrame) and isinstance(other, pd.DataFrame):
        return one.equals(other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_content(one[name], other[name]) for name in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same_content, one, other))
    if dataclasses.is_dataclass(one) and type(one) is type(other):
        fields = [field.name for field in dataclasses.fields(one) if field.compare]
        return all(same_content(getattr(one, name), getattr(other, name)) for name in fields)
    return bool(one == other or (one != one and other != other))  # noqa: PLR0124 - NaN


def _same_arrays(one: np.ndarray, other: np.ndarray) -> bool:
    is_number = all(array.dtype.kind in "fc" for array in (one, other))
    return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=is_number)


class ByContent:
    """A frozen dataclass with arrays (``eq=False``) that compares by its content; it can stand in sets and as a key."""

    def __eq__(self, other: object) -> bool:
        return same_content(self, other) if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self).__name__, getattr(self, "name", ""), getattr(self, "transcript", "")))
