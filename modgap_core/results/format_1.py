"""What ModGap 0.1 wrote: two similarity functions, each with its arrays under its own name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from modgap_core.metrics import DEFAULT_PATH, QUANTITIES, Key
from modgap_core.results.measured import LayerValues, Measured, path_name

_SIMILARITIES = ("cosine", "euclidean")
_QUANTITIES = {
    "similarity": ("curve", "null_curve", ""),
    "monotonicity": ("monotonicity", "null_monotonicity", DEFAULT_PATH),
    "aps": ("aps_terms", "null_aps_terms", DEFAULT_PATH),
}
"""Of each quantity its array, its null's, and the path that it is of."""


def measured_of_format_1(arrays: Mapping[str, NDArray[Any]], prefix: str = "") -> Measured:
    """What was measured, from the arrays of a result in the format ``modgap-pair-1`` or ``modgap-intervention-1``."""
    consistency = arrays[f"{prefix}consistency"]
    found = [
        LayerValues(Key(quantity, name, path), arrays[f"{prefix}{name}.{values}"], arrays[f"{prefix}{name}.{null}"])
        for quantity, (values, null, path) in _QUANTITIES.items()
        for name in _SIMILARITIES
    ]
    found.insert(4, LayerValues(Key("path_consistency"), consistency, consistency.reshape(1, -1)[:0]))
    return Measured(
        layers={QUANTITIES.get(v.key.quantity).layer_column(v.key.similarity, v.key.path): v for v in found},
        paths={path_name(name, DEFAULT_PATH): arrays[f"{prefix}{name}.path"] for name in _SIMILARITIES},
        matrices={name: arrays[f"{prefix}{name}.matrix"] for name in _SIMILARITIES},
    )
