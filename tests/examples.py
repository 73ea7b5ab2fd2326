"""The shipped examples as the tests of the library read them, without the app."""

from __future__ import annotations

import csv
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "assets" / "examples"


def clear_examples() -> list[tuple[Path, str, str]]:
    """Sound, transcript and reference of the examples that modgap-mini answers right."""
    with (EXAMPLES / "examples.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["kind"] == "right"]
    return [(EXAMPLES / row["file"], row["transcript"], row["reference"]) for row in rows]
