"""A run that was opened to be read: its tables as DataFrames, its figures; needs no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from modgap_core.corpus.columns import Part
from modgap_core.corpus.read.scored_runs import scored_runs
from modgap_core.corpus.read.tables import TABLES_OF_RUN, ScoredRun, benchmark_table, gap_table, model_table
from modgap_core.corpus.store.run_folder import RunFolder, load_run
from modgap_core.errors import ModGapError
from modgap_core.figures import Subject, drawn

if TYPE_CHECKING:
    import plotly.graph_objects as go

_OF_ALL: dict[str, Callable[[Sequence[ScoredRun]], pd.DataFrame]] = {
    "models": model_table,
    "benchmark": benchmark_table,
}
"""Tables over all models of a run."""


@dataclass(frozen=True, repr=False)
class Run(RunFolder):
    """A run with its tables, each read or computed once.

    Attributes:
        folder: where it lies.
        header: run.json.
    """

    @cached_property
    def scored(self) -> list[ScoredRun]:
        """Each model's results with the scores beside the items.

        Raises:
            ResultError: nothing is finished yet, or a table is broken.
        """
        return scored_runs(self)

    @property
    def items(self) -> pd.DataFrame:
        """One row an item (and model): what it is, its quantities, its slices, its primary score by condition."""
        return self._joined(lambda run: run.results.items.merge(run.scores_by_condition, on="row", how="left"))

    @property
    def answers(self) -> pd.DataFrame:
        """One row an item and condition."""
        return self._joined(lambda run: run.results.answers)

    @property
    def scores(self) -> pd.DataFrame:
        """One row an item, condition and scorer."""
        return self._joined(lambda run: run.results.scores)

    @property
    def layers(self) -> pd.DataFrame:
        """One row an item and layer."""
        return self._joined(lambda run: run.results.layers)

    @property
    def quantities(self) -> pd.DataFrame:
        """Every quantity of an item by name, long: row, id, quantity, similarity, path, column, value, null, z."""
        return self._joined(_long)

    def table(self, name: str) -> pd.DataFrame:
        """A table of the run.

        Args:
            name: gap, scores, interventions, slices and so on, one model below the other; or models, benchmark.

        Raises:
            ModGapError: there is no such table.
        """
        if name in _OF_ALL:
            return _OF_ALL[name](self.scored)
        if name not in TABLES_OF_RUN:
            raise ModGapError(
                f"There is no table {name!r} of a run; choose from {', '.join((*TABLES_OF_RUN, *_OF_ALL))}."
            )
        return pd.concat([TABLES_OF_RUN[name](run) for run in self.scored], ignore_index=True)

    def plot(self, name: str = "gap", **options: Any) -> go.Figure:
        """A figure of the run, the same that app and report draw; needs plotly.

        Args:
            name: as ``modgap list figures`` has it, of runs.
            options: of the figure.

        Raises:
            ModGapError: there is no such figure.
        """
        return drawn(Subject.RUNS, self.scored, name, **options)

    def _joined(self, of: Callable[[ScoredRun], pd.DataFrame]) -> pd.DataFrame:
        parts = [of(run).assign(model=run.model) for run in self.scored]
        table = pd.concat(parts, ignore_index=True)
        return table[["model", *(name for name in table if name != "model")]]

    def __repr__(self) -> str:
        models = ", ".join(model.name for model in self.models) or "no model yet"
        return f"<Run {self.folder.name!r}: {self.n_items} items of {self.header['manifest']['name']}, {models}>"

    def _repr_html_(self) -> str:
        from modgap_core.results.notebook import card

        table = pd.concat([gap_table(run) for run in self.scored], ignore_index=True)
        kept = [
            name
            for name in ("model", "task", "n", "clusters", "text", "speech", "gap", "gap_low", "gap_high")
            if name in table
        ]
        said = {model.model: f"95 % intervals {model.clusters.words}" for model in self.scored}
        return card(f"{self.folder.name}: {self.n_items} items", said, table[kept])


def _long(run: ScoredRun) -> pd.DataFrame:
    items, columns = run.results.items, run.results.quantities
    parts = []
    for name, column in columns.items():
        if column.part != Part.VALUE:
            continue
        key = column.key
        told = {"quantity": key.quantity, "similarity": key.similarity, "path": key.path, "column": name}
        numbers = {"value": items[name], "null": items.get(f"null_{name}", np.nan), "z": items.get(f"z_{name}", np.nan)}
        parts.append(items[["row", "id"]].assign(**told, **numbers))
    return pd.concat(parts, ignore_index=True)


def open_run(folder: str | Path) -> Run:
    """Open a run folder to read its tables and figures.

    Args:
        folder: what ``modgap corpus --out`` wrote, or ``shipped:runs/NAME``.

    Raises:
        ResultError: there is none, or it is broken or of another format.

    Example:
        >>> run = open_run("shipped:runs/modgap-mini")
        >>> run.n_items, len(run.items), run.table("gap").task.tolist()
        (360, 360, ['mcq', 'qa', 'overall'])
    """
    found = load_run(folder)
    return Run(found.folder, found.header)
