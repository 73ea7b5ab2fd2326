"""Every registry of ModGap, by the word that ``modgap list`` takes."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from modgap_core.errors import ModGapError
from modgap_core.registry import Registry

OPEN_POINTS = {
    "similarities": "modgap_core.metrics.similarity:SIMILARITIES",
    "paths": "modgap_core.metrics.path:PATHS",
    "quantities": "modgap_core.metrics.quantity:QUANTITIES",
    "methods": "modgap_core.interventions.method:METHODS",
    "conditions": "modgap_core.interventions.condition_sets:CONDITION_SETS",
    "scorers": "modgap_core.scoring.scorers:SCORERS",
    "adapters": "modgap_core.models.adapters:ADAPTERS",
    "engines": "modgap_core.corpus.engine.engines:ENGINES",
    "figures": "modgap_core.figures:FIGURES",
    "inputs": "dashboard.sidebar.input_source:INPUTS",
    "panels": "dashboard.shared.panel:PANELS",
}
"""Each as ``module:attribute``; the last two need the app."""
_OF_THE_APP = ("inputs", "panels")


def registry(word: str) -> Registry[Any]:
    """One of them.

    Raises:
        ModGapError: there is none of that name, or it is the app's, which is not installed.
    """
    if word not in OPEN_POINTS:
        raise ModGapError(f"There is no list of {word!r}; choose from {', '.join(OPEN_POINTS)}.")
    if word in _OF_THE_APP:
        from modgap_core.extras import need_extra

        need_extra("app", f"The list of {word}", "streamlit")
    module, _, attribute = OPEN_POINTS[word].partition(":")
    found: Registry[Any] = getattr(import_module(module), attribute)
    return found
