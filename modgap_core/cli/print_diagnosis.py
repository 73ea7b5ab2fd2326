"""The doctor's findings in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from modgap_core.models.doctor import Diagnosis


def print_diagnosis(diagnosis: Diagnosis, console: Console) -> None:
    """Print facts, checks and what was not checked."""
    for name, value in diagnosis.facts:
        console.print(Text(f"{name:>26}: {value}"))
    table = Table("check", "", "detail", title="Checks")
    for check in diagnosis.checks:
        table.add_row(Text(check.name), "passed" if check.passed else "FAILED", Text(check.detail))
    console.print(table)
    for sentence in diagnosis.unchecked:
        console.print(Text(f"Not checked: {sentence}"))
