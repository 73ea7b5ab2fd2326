"""The identity of a model: a hash of what is in its files, not of where they are."""

from __future__ import annotations

import hashlib
from pathlib import Path

_COUNTED = (".json", ".safetensors", ".bin", ".jinja", ".model", ".txt")


def content_hash(folder: Path) -> str:
    """SHA-256 (16 hex digits) over names and contents of a model folder's files.

    Args:
        folder: holds configuration, tokenizer and weights; read whole, about a second per gigabyte.
    """
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in _COUNTED):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()}:{digest}\n".encode())
    return total.hexdigest()[:16]
