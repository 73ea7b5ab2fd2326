"""Equality of results."""

from __future__ import annotations

import dataclasses

import numpy as np


def assert_same(a: object, b: object) -> None:
    """Equal field by field, arrays to the bit."""
    if dataclasses.is_dataclass(a):
        for field in dataclasses.fields(a):
            assert_same(getattr(a, field.name), getattr(b, field.name))
    elif isinstance(a, np.ndarray):
        assert a.dtype == b.dtype  # type: ignore[attr-defined]
        np.testing.assert_array_equal(a, b)  # type: ignore[arg-type]
    else:
        assert a == b
