"""The identity of a model: a hash of what is in its files, not of where they are."""

from __future__ import annotations

import hashlib
from pathlib import Path

_COUNTED = (".json", ".safetensors", ".bin", ".jinja", ".model", ".txt")
MEASURED = ("evaluation.json", "interventions.json")
"""Figures of a model that lie beside it; a model is the same one before and after it was measured."""


def content_hash(folder: Path) -> str:
    """SHA-256 (16 hex digits) over names and contents of a model folder's files.

    Args:
        folder: holds configuration, tokenizer and weights; read whole, about a second per gigabyte.
    """
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if _is_counted(p)):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()}:{digest}\n".encode())
    return total.hexdigest()[:16]


def _is_counted(path: Path) -> bool:
    return path.is_file() and path.suffix in _COUNTED and path.name not in MEASURED
