"""The outcome of one self-check of a model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: what must hold.
        passed: whether it holds.
        detail: a figure, or why it could not be checked.
    """

    name: str
    passed: bool
    detail: str = ""
