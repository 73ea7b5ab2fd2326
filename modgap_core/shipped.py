"""What ships with ModGap: models, examples, a corpus, its runs, the null reference.

In a checkout they lie in ``assets/``, in an installed package in ``modgap_core/assets/`` (pyproject.toml maps the one
folder to the other). Wherever a file or folder is asked for, ``shipped:NAME`` means one of them.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

from modgap_core.errors import ModGapError

PREFIX = "shipped:"
MINI_NAME = "modgap-mini"
"""The model that ships with ModGap."""


def shipped_path(name: str = "") -> Path:
    """A file or folder that ships, such as ``models/modgap-mini``; without a name the folder of all."""
    package = Path(str(files("modgap_core")))
    installed = package / "assets"
    return (installed if installed.is_dir() else package.parent / "assets") / name


def is_shipped_name(given: str | Path) -> bool:
    """Whether it is written ``shipped:NAME``.

    >>> is_shipped_name("shipped:runs/modgap-mini"), is_shipped_name("runs/modgap-mini")
    (True, False)
    """
    return str(given).startswith(PREFIX)


def given_path(given: str | Path) -> Path:
    """A path as a user gave it; ``shipped:NAME`` is where that lies.

    Raises:
        ModGapError: nothing of that name ships.
    """
    if not is_shipped_name(given):
        return Path(given)
    name = str(given).removeprefix(PREFIX)
    path = shipped_path(name)
    inside = shipped_path().resolve() in path.resolve().parents
    if not name or not inside or not path.exists():
        raise ModGapError(f"Nothing called {name!r} ships with ModGap; modgap shipped lists the names.")
    return path


def shipped_names() -> dict[str, str]:
    """What a user may name, with a word on each: clips with their transcripts, the corpus, runs, models."""
    with shipped_path("examples/examples.csv").open(encoding="utf-8") as stream:
        told = {f"examples/{row['file']}": row["transcript"] for row in csv.DictReader(stream)}
    told["mini-corpus/manifest.csv"] = "a corpus, for modgap corpus"
    told |= {f"runs/{name}": "a run, for modgap show and report" for name in _folders("runs")}
    told |= {f"models/{name}": "a model" for name in _folders("models")}
    return {PREFIX + name: words for name, words in told.items()}


def _folders(kind: str) -> list[str]:
    return sorted(path.name for path in shipped_path(kind).iterdir() if path.is_dir())
