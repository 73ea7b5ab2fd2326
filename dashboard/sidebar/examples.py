"""The pairs that ship in ``assets/examples``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from modgap_core.shipped import shipped_path

EXAMPLES_FOLDER = shipped_path("examples")


@dataclass(frozen=True)
class Example:
    """One row of ``examples.csv``."""

    file: str
    kind: str
    transcript: str
    reference: str
    voice: str
    note: str

    @property
    def path(self) -> Path:
        """Its sound file."""
        return EXAMPLES_FOLDER / self.file

    @property
    def label(self) -> str:
        """For the list of examples."""
        return f"{self.file[:2]} {self.transcript} ({self.kind})"


def shipped_examples() -> list[Example]:
    """All examples, in the order of the file."""
    with (EXAMPLES_FOLDER / "examples.csv").open(encoding="utf-8") as stream:
        return [Example(**row) for row in csv.DictReader(stream)]
