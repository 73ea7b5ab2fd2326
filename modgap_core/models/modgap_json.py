"""``modgap.json``, which may lie beside a model: notes for the user, and the format of its speech units."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from modgap_core.errors import ModelError

MODGAP_JSON = "modgap.json"


def read_modgap_json(folder: Path) -> dict[str, Any]:
    """What it says; empty where there is none.

    Raises:
        ModelError: it is broken.
    """
    path = folder / MODGAP_JSON
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"The {MODGAP_JSON} of {folder.name!r} is broken ({error}); mend it, or remove it.") from error
    if not isinstance(found, dict) or not isinstance(found.get("notes", []), list):
        raise ModelError(f"The {MODGAP_JSON} of {folder.name!r} is no object with a list of notes; mend or remove it.")
    return found


def read_notes(folder: Path) -> list[str]:
    """Its sentences for the user.

    Raises:
        ModelError: it is broken.
    """
    return [str(note) for note in read_modgap_json(folder).get("notes", [])]
