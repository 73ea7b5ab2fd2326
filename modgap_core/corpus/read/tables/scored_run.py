"""One model's results with the scores beside the items: what every table is made of."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from modgap_core.corpus.columns import ITEMS, Part
from modgap_core.corpus.conditions import CONDITIONS, SPEECH, TEXT
from modgap_core.corpus.read.cluster_choice import ClusterChoice, cluster_columns, declared_clusters, found_clusters
from modgap_core.corpus.store.shard import OK, ShardTables
from modgap_core.metrics.quantity import SIMILARITY_SCORE

OVERALL = "overall"

BuildTable = Callable[["ScoredRun"], pd.DataFrame]


@dataclass(frozen=True)
class ScoredRun:
    """One model's results with the scores beside the items.

    Attributes:
        model: its name.
        results: all tables.
        wide: one row an item that did not fail: the item's columns, and the primary score, if there is one, of
            each condition (0..1) under the condition's name.
        tags: of the run: family, tuning, step ...
        place: for `load_model`: the model's folder, hub id, or None for modgap-mini.
        declared: columns that tell clusters apart; empty where they are to be found.
        identity: content hash of the model's files, and its precision; empty where it is not known.
        built: tables that were built before, by name, model and clusters.
    """

    model: str
    results: ShardTables
    wide: pd.DataFrame
    tags: Mapping[str, str] = field(default_factory=dict)
    place: str | None = None
    declared: tuple[str, ...] = ()
    identity: str = ""
    built: dict[tuple[Hashable, str, ClusterChoice], pd.DataFrame] = field(
        default_factory=dict, compare=False, repr=False
    )

    @classmethod
    def of(
        cls,
        model: str,
        results: ShardTables,
        tags: Mapping[str, str] | None = None,
        place: str | None = None,
        declared: Sequence[str] = (),
        identity: str = "",
    ) -> ScoredRun:
        """Pivot the primary scores."""
        values = _by_condition(results)
        items = results.items[results.items.status == OK]
        wide = items.merge(values, left_on="row", right_index=True, how="left")
        return cls(model, results, wide, tags or {}, place, tuple(declared), identity)

    @property
    def scores_by_condition(self) -> pd.DataFrame:
        """Primary scores (0..1), one row an item, by its row, one column a condition."""
        return _by_condition(self.results)

    @property
    def conditions(self) -> list[str]:
        """Text, speech, pipelines, then interventions, as far as they were run."""
        present = list(dict.fromkeys(self.results.answers.condition))
        return [c for c in CONDITIONS if c in present] + [c for c in present if c not in CONDITIONS]

    @property
    def interventions(self) -> list[str]:
        """Labels of the interventions."""
        return [c for c in self.conditions if c not in CONDITIONS]

    @property
    def slice_columns(self) -> list[str]:
        """Columns of the manifest that are slices."""
        return [c for c in self.results.items.columns if c not in ITEMS and c not in self.results.quantities]

    @property
    def measures(self) -> list[str]:
        """Columns of the quantities of an item, which are compared with correctness and regressed over models."""
        return [name for name, column in self.results.quantities.items() if column.part == Part.VALUE]

    @property
    def curves(self) -> list[str]:
        """Columns of the layer curves in the table of layers: names of similarity functions."""
        return [
            name
            for name, column in self.results.layer_quantities.items()
            if column.part == Part.VALUE and column.key.quantity == SIMILARITY_SCORE
        ]

    @property
    def cluster_columns(self) -> list[str]:
        """Columns that may tell clusters apart: the item itself, what is said, and every slice."""
        return cluster_columns(self.slice_columns)

    @cached_property
    def clusters(self) -> ClusterChoice:
        """The columns that tell clusters apart.

        Raises:
            ModGapError: a declared column is not there.
        """
        if self.declared:
            return declared_clusters(self.declared, self.cluster_columns)
        return found_clusters(self.wide, self.cluster_columns[1:], TEXT, SPEECH)

    def once(self, name: Hashable, build: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """A table that is built once for the run, its name and its clusters.

        Args:
            name: of the table.
            build: makes it.
        """
        key = (name, self.model, self.clusters)
        if key not in self.built:
            self.built[key] = build()
        return self.built[key].copy()

    def clusters_of(self, items: pd.DataFrame) -> list[NDArray[Any]]:
        """The clusters of some items of `wide`, one array a column: as numbers, or as names where one is missing."""
        found: list[NDArray[Any]] = []
        for column in self.clusters.columns:
            numbers = self._cluster_numbers(column)
            names = items[column].to_numpy(dtype=object)
            found.append(names if numbers is None else numbers.loc[items["row"]].to_numpy())
        return found

    def _cluster_numbers(self, column: str) -> pd.Series | None:
        """The clusters of all items as numbers, by row; None where a name is missing, which statistics refuse."""
        if column not in self._numbers:
            names = self.wide[column]
            is_missing = names.isna().any() or (names.astype(str) == "").any()
            numbers = pd.Series(pd.factorize(names.astype(str))[0], index=self.wide["row"])
            self._numbers[column] = None if is_missing else numbers
        return self._numbers[column]

    @cached_property
    def _numbers(self) -> dict[str, pd.Series | None]:
        return {}

    def by_task(self) -> list[tuple[str, pd.DataFrame]]:
        """The wide table of each task, then of all."""
        parts = [(str(task), part) for task, part in self.wide.groupby("task", sort=True)]
        return [*parts, (OVERALL, self.wide)] if len(parts) != 1 else parts


def _by_condition(results: ShardTables) -> pd.DataFrame:
    primary = results.scores[results.scores.is_primary.astype(bool)]
    values = primary.pivot(index="row", columns="condition", values="value").astype(float)
    return values.reindex(columns=[*dict.fromkeys([TEXT, SPEECH, *values.columns])])


def built_once(build: BuildTable) -> BuildTable:
    """A table's function that builds it once for a run, its name and its clusters."""

    @wraps(build)
    def table(run: ScoredRun) -> pd.DataFrame:
        return run.once(build.__name__, lambda: build(run))

    return table
