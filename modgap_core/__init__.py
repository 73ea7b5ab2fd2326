"""ModGap: the modality gap of speech language models, seen inside.

>>> from modgap_core import load_model, analyze_pair  # doctest: +SKIP
>>> result = analyze_pair(load_model(), "clip.wav", "what is the capital of france")  # doctest: +SKIP
>>> result.answers.speech, result.answers.text  # doctest: +SKIP

Runs of a corpus are opened without a model:

>>> from modgap_core import open_run
>>> open_run("shipped:runs/modgap-mini")
<Run 'modgap-mini': 360 items of mini-corpus, modgap-mini>
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modgap_core.version import __version__

if TYPE_CHECKING:  # the same names as in _LAZY, for type checkers and editors
    from modgap_core.analysis.pair import analyze_pair as analyze_pair
    from modgap_core.corpus.engine.execution import Execution as Execution
    from modgap_core.corpus.manifest.read import read_manifest as read_manifest
    from modgap_core.corpus.read.opened_run import Run as Run
    from modgap_core.corpus.read.opened_run import open_run as open_run
    from modgap_core.corpus.run import run_corpus as run_corpus
    from modgap_core.corpus.settings import CorpusSettings as CorpusSettings
    from modgap_core.errors import AudioError as AudioError
    from modgap_core.errors import InterventionError as InterventionError
    from modgap_core.errors import ModelError as ModelError
    from modgap_core.errors import ModGapError as ModGapError
    from modgap_core.errors import ResultError as ResultError
    from modgap_core.errors import TranscriptError as TranscriptError
    from modgap_core.figures import FIGURES as FIGURES
    from modgap_core.interventions.condition import Condition as Condition
    from modgap_core.interventions.method import METHODS as METHODS
    from modgap_core.interventions.method import Method as Method
    from modgap_core.interventions.outcome import InterventionResult as InterventionResult
    from modgap_core.interventions.run import intervene as intervene
    from modgap_core.interventions.store import load_intervention as load_intervention
    from modgap_core.interventions.store import save_intervention as save_intervention
    from modgap_core.interventions.token_choice import TokenChoice as TokenChoice
    from modgap_core.metrics import Measures as Measures
    from modgap_core.metrics import PathFinder as PathFinder
    from modgap_core.metrics import Quantity as Quantity
    from modgap_core.metrics import Similarity as Similarity
    from modgap_core.metrics.path import PATHS as PATHS
    from modgap_core.metrics.quantity import QUANTITIES as QUANTITIES
    from modgap_core.metrics.similarity import SIMILARITIES as SIMILARITIES
    from modgap_core.models.load import load_model as load_model
    from modgap_core.results.pair_result import PairResult as PairResult
    from modgap_core.results.store import load_result as load_result
    from modgap_core.results.store import save_result as save_result
    from modgap_core.scoring.expected import Expected as Expected

_LAZY = {
    "AudioError": "errors",
    "Condition": "interventions.condition",
    "CorpusSettings": "corpus.settings",
    "Execution": "corpus.engine.execution",
    "Expected": "scoring.expected",
    "FIGURES": "figures",
    "InterventionError": "errors",
    "InterventionResult": "interventions.outcome",
    "METHODS": "interventions.method",
    "Measures": "metrics",
    "Method": "interventions.method",
    "ModGapError": "errors",
    "ModelError": "errors",
    "PATHS": "metrics.path",
    "PairResult": "results.pair_result",
    "PathFinder": "metrics",
    "QUANTITIES": "metrics.quantity",
    "Quantity": "metrics",
    "ResultError": "errors",
    "Run": "corpus.read.opened_run",
    "SIMILARITIES": "metrics.similarity",
    "Similarity": "metrics",
    "TokenChoice": "interventions.token_choice",
    "TranscriptError": "errors",
    "analyze_pair": "analysis.pair",
    "intervene": "interventions.run",
    "load_intervention": "interventions.store",
    "load_model": "models.load",
    "load_result": "results.store",
    "open_run": "corpus.read.opened_run",
    "read_manifest": "corpus.manifest.read",
    "run_corpus": "corpus.run",
    "save_intervention": "interventions.store",
    "save_result": "results.store",
}
"""Each public name and the module that it is imported from when it is asked for first."""

__all__ = ["__version__", *_LAZY]  # noqa: PLE0604 - they are strings


def __getattr__(name: str) -> Any:
    """Import torch and transformers only when something that needs them is asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module 'modgap_core' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"modgap_core.{_LAZY[name]}"), name)


def __dir__() -> list[str]:
    """The public names, for tab completion."""
    return sorted(__all__)
