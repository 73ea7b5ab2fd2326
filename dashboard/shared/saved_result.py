"""A result that a visitor gives back: a zip's bytes or a path; pure, no streamlit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SavedResult:
    """A saved result, not read yet.

    Attributes:
        name: of the zip, or the path where it lies on this machine.
        data: the zip; None where the name is a path.
    """

    name: str
    data: bytes | None = None

    @property
    def identity(self) -> str:
        """Equal for the same content, or for the same path."""
        return self.name if self.data is None else hashlib.sha256(self.data).hexdigest()

    @contextmanager
    def opened(self) -> Iterator[Path]:
        """Its folder, for as long as it is read.

        Raises:
            ResultError: it is no zip of a result.
        """
        from modgap_core.results.bundle import opened_result

        with opened_result(self.name if self.data is None else self.data, self.name) as folder:
            yield folder
