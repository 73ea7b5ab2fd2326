"""What the page "Corpus" is of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modgap_core.corpus.read.tables import ScoredRun
from modgap_core.corpus.store.run_folder import RunFolder


@dataclass(frozen=True, eq=False)
class RunsOnPage:
    """The models of the chosen runs.

    Attributes:
        runs: each model under the name that tells it from the others.
        folders: of each model its run.
        picked: number of the model that is shown by itself; chosen on the page where there are several.
    """

    runs: Sequence[ScoredRun]
    folders: Sequence[RunFolder]
    picked: int = 0

    @property
    def model(self) -> ScoredRun:
        """The model that is shown by itself."""
        return self.runs[self.picked]
