"""The provenance of a result made with a loaded model."""

from __future__ import annotations

import platform
from importlib.metadata import version

from modgap_core.models.speech_lm import SpeechLM
from modgap_core.provenance import LAYER_CONVENTION, Provenance


def provenance_of(model: SpeechLM) -> Provenance:
    """The provenance of a result made with this model, here and now."""
    packages = {name: version(name) for name in ("modgap", "torch", "transformers")}
    return Provenance(
        model=model.identity.name,
        model_hash=model.identity.content_hash,
        model_type=model.identity.model_type,
        n_layers=model.n_layers,
        width=model.width,
        ms_per_token=model.ms_per_token,
        device=model.device.type,
        dtype=str(model.dtype).removeprefix("torch."),
        layer_convention=LAYER_CONVENTION,
        versions={**packages, "python": platform.python_version()},
    )
