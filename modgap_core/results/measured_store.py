"""What was measured as arrays and as what a result tells of its quantities, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modgap_core.errors import ResultError
from modgap_core.metrics import Key
from modgap_core.results.measured import LayerValues, Measured, Told


def told_of(measured: Measured) -> dict[str, dict[str, Any]]:
    """What a result tells of its quantities, by column, so that it opens where one of them is not installed."""
    return {
        column: {
            **dataclasses.asdict(values.key),
            "title": values.title,
            "column": values.column,
            "unit": values.quantity.unit if values.quantity else "",
            "sentence": values.quantity.sentence if values.quantity else "",
            "higher_is_better": values.higher_is_better,
            "over_layers": [finite(values.over_layers(after_norm)) for after_norm in (False, True)],
        }
        for column, values in measured.layers.items()
    }


def finite(value: float) -> float | None:
    """For JSON, which knows no NaN."""
    return value if np.isfinite(value) else None


def measured_arrays(measured: Measured, prefix: str = "") -> dict[str, NDArray[Any]]:
    """Every array of what was measured, by name."""
    arrays: dict[str, NDArray[Any]] = {}
    for column, values in measured.layers.items():
        arrays |= {f"{prefix}values.{column}": values.values, f"{prefix}null.{column}": values.null}
        if values.tokens is not None:
            arrays[f"{prefix}tokens.{column}"] = values.tokens
    arrays |= {f"{prefix}path.{name}": path for name, path in measured.paths.items()}
    return arrays | {f"{prefix}matrix.{name}": matrix for name, matrix in measured.matrices.items()}


def read_measured(
    arrays: Mapping[str, NDArray[Any]], told: Mapping[str, Any], pair: Mapping[str, float | None], prefix: str = ""
) -> Measured:
    """The reverse of `measured_arrays`.

    Args:
        arrays: from the file.
        told: from `told_of`.
        pair: quantities of the pair alone.
        prefix: of the arrays' names.

    Raises:
        ResultError: the arrays' shapes do not fit each other.
    """
    layers = {column: _layer_values(arrays, column, dict(each), prefix) for column, each in told.items()}
    measured = Measured(
        layers,
        paths=_named(arrays, f"{prefix}path."),
        matrices=_named(arrays, f"{prefix}matrix."),
        pair={name: np.nan if value is None else value for name, value in pair.items()},
    )
    check_shapes(measured)
    return measured


def _named(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _layer_values(arrays: Mapping[str, NDArray[Any]], column: str, told: dict[str, Any], prefix: str) -> LayerValues:
    key = Key(told.pop("quantity"), told.pop("similarity"), told.pop("path"))
    before, after = (np.nan if value is None else float(value) for value in told.pop("over_layers"))
    return LayerValues(
        key,
        arrays[f"{prefix}values.{column}"],
        arrays[f"{prefix}null.{column}"],
        arrays.get(f"{prefix}tokens.{column}"),
        Told(**told, over_layers=(before, after)),
    )


def check_shapes(measured: Measured) -> None:
    """Refuse arrays whose shapes do not fit the matrices'.

    Raises:
        ResultError: they do not; it names the first.
    """
    if not measured.matrices:
        raise ResultError("The saved result has no matrices; analyse the pair again.")
    expected = next(iter(measured.matrices.values())).shape
    n, _, n_text = expected
    fitting: list[tuple[str, tuple[int, ...], tuple[int | None, ...]]] = [
        *((f"matrix.{name}", matrix.shape, expected) for name, matrix in measured.matrices.items()),
        *((f"path.{name}", path.shape, (n, n_text)) for name, path in measured.paths.items()),
        *((f"values.{column}", values.values.shape, (n,)) for column, values in measured.layers.items()),
        *((f"null.{column}", values.null.shape, (None, n)) for column, values in measured.layers.items()),
        *(
            (f"tokens.{column}", values.tokens.shape, (n, n_text))
            for column, values in measured.layers.items()
            if values.tokens is not None
        ),
    ]
    for name, found, shape in fitting:
        if len(found) != len(shape) or any(b not in (None, a) for a, b in zip(found, shape, strict=True)):
            raise ResultError(
                f"The saved {name} has the shape {found}, which does not fit matrices of shape {expected}; analyse the "
                "pair again."
            )
