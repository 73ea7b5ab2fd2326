"""Equality of results."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np


def assert_same(a: object, b: object) -> None:
    """Equal field by field, arrays to the bit; not in what a loaded result tells beside its values."""
    if dataclasses.is_dataclass(a):
        assert type(a) is type(b)
        for field in dataclasses.fields(a):
            if field.compare:
                assert_same(getattr(a, field.name), getattr(b, field.name))
    elif isinstance(a, Mapping):
        assert list(a) == list(b)  # type: ignore[call-overload]
        for name in a:
            assert_same(a[name], b[name])  # type: ignore[index]
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b)  # type: ignore[arg-type]
        for one, other in zip(a, b, strict=True):  # type: ignore[call-overload]
            assert_same(one, other)
    elif isinstance(a, np.ndarray):
        assert a.dtype == b.dtype  # type: ignore[attr-defined]
        np.testing.assert_array_equal(a, b)  # type: ignore[arg-type]
    else:
        assert a == b
