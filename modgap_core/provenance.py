"""Where a result comes from: model, precision, versions, layer convention."""

from __future__ import annotations

from dataclasses import dataclass

LAYER_CONVENTION = (
    "layer 0 = LLM input; layer l = after block l; layer L before the final norm; "
    "the last entry = layer L after the final norm"
)


@dataclass(frozen=True)
class Provenance:
    """What made a result.

    Attributes:
        model: name of the model.
        model_hash: SHA-256 over the model's files (16 hex digits).
        model_type: transformers ``model_type``.
        n_layers: L.
        width: d of the states.
        ms_per_token: milliseconds of sound in one speech token.
        device: ``cpu`` or ``cuda``.
        dtype: precision of the weights.
        layer_convention: how layers are counted.
        versions: of modgap, torch, transformers and Python.
    """

    model: str
    model_hash: str
    model_type: str
    n_layers: int
    width: int
    ms_per_token: float
    device: str
    dtype: str
    layer_convention: str
    versions: dict[str, str]
