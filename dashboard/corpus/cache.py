"""The app's way to the runs on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.shared.heard import PipelineAnswer
from dashboard.shared.request import PairRequest
from modgap_core.corpus.conditions import PIPELINE
from modgap_core.errors import ModGapError
from modgap_core.shipped import given_path, shipped_path

if TYPE_CHECKING:
    import pandas as pd

    from modgap_core.audio.clip import Clip
    from modgap_core.corpus.manifest.item import CorpusItem
    from modgap_core.corpus.read.tables import ScoredRun
    from modgap_core.corpus.store.run_folder import RunFolder
    from modgap_core.statistics import Regression

SHIPPED_RUNS = shipped_path("runs")


def runs_in(folder: str) -> tuple[dict[str, RunFolder], list[str]]:
    """The shipped runs, then those in a folder (which may be a run itself), by name; and why some cannot be shown.

    Raises:
        ResultError: the folder is not there.
    """
    from modgap_core.corpus.store.run_folder import find_runs, load_run

    paths = [*find_runs(SHIPPED_RUNS), *(find_runs(given_path(folder).expanduser()) if folder.strip() else [])]
    runs: dict[str, RunFolder] = {}
    problems = []
    for path in paths:
        try:
            name = path.name if path.name not in runs else f"{path.absolute().parent.name}/{path.name}"
            runs[name] = load_run(path)
        except ModGapError as error:
            problems.append(f"{path.name}: {error}")
    return runs, problems


def latest(runs: Mapping[str, RunFolder]) -> list[str]:
    """The run to show first: the last one that is not shipped, else modgap-mini."""
    own = [name for name, run in runs.items() if run.folder.parent != SHIPPED_RUNS]
    return own[-1:] or list(runs)[:1]


def about(run: RunFolder, models: Sequence[ScoredRun]) -> str:
    """One line: manifest, when it was begun, how far it is."""
    header, counts = run.header, {model.model: len(model.results.items) for model in models}
    done = "all items done"
    if any(count < run.n_items for count in counts.values()):
        done = "items done: " + "; ".join(f"{name} {count} of {run.n_items}" for name, count in counts.items())
    begun = str(header["begun"])[:16].replace("T", " ")
    return f"{run.folder.name}: {run.n_items} items of {header['manifest']['name']}, begun {begun} UTC; {done}"


def distinct(models: Sequence[tuple[str, str]]) -> list[str]:
    """Names of (run, model) to tell them apart: the model's, with the run's where two runs hold one of that name.

    >>> distinct([("a", "mini"), ("b", "mini"), ("b", "large")])
    ['a: mini', 'b: mini', 'large']
    """
    counts = Counter(model for _, model in models)
    return [f"{run}: {model}" if counts[model] > 1 else model for run, model in models]


def scored(run: RunFolder) -> list[ScoredRun]:
    """Its models' tables, read again when a batch was finished."""
    stamp = tuple((model.folder.name, model.is_complete, len(model.finished_shards)) for model in run.models)
    return _scored(str(run.folder.absolute()), stamp, run)


@st.cache_resource(max_entries=16, show_spinner="Reading the run ...")
def _scored(folder: str, stamp: tuple[tuple[str, bool, int], ...], _run: RunFolder) -> list[ScoredRun]:
    from modgap_core.corpus.read.scored_runs import scored_runs

    return scored_runs(_run)


def get_item(run: RunFolder, row: int) -> CorpusItem:
    """An item of the run's manifest."""
    return _items(str(run.folder.absolute()), run)[row]


@st.cache_resource(max_entries=4, show_spinner="Reading the manifest ...")
def _items(folder: str, _run: RunFolder) -> tuple[CorpusItem, ...]:
    from modgap_core.corpus.read.scored_runs import items_of_run

    return items_of_run(_run)


def get_clip(run: RunFolder, row: int) -> Clip:
    """The sound of an item."""
    return get_item(run, row).clip()


def pipeline_of(run: ScoredRun, row: int) -> PipelineAnswer | None:
    """What the run's ASR heard in an item and what the model answered to it; None where no ASR was run."""
    items, answers = run.results.items, run.results.answers
    said = answers[(answers.row == row) & (answers.condition == PIPELINE)].answer
    if said.empty:
        return None
    return PipelineAnswer(str(items[items.row == row].heard.iloc[0]), str(said.iloc[0]))


def request_of(folder: RunFolder, run: ScoredRun, row: int) -> PairRequest:
    """An item of a run as a pair of the model that was run, judged as in the run."""
    item = get_item(folder, row)
    note = f"Item {item.id} of {folder.folder.name}."
    return PairRequest(run.place or "", item.clip(), item.transcript, item.expected, note, pipeline_of(run, row))


def has_model(place: str | None) -> bool:
    """Whether a model can be loaded again: modgap-mini, a hub id, or a folder that is still there."""
    return place is None or not Path(place).is_absolute() or Path(place).is_dir()


@st.cache_data(max_entries=64, show_spinner=False)
def fitted(table: pd.DataFrame, measure: str, by: str) -> dict[str, tuple[Regression | None, str]]:
    """The regressions of GAP on a quantity, each drawn once for the same numbers."""
    from modgap_core.corpus.read.model_regression import regressions

    return regressions(table, measure, by)
