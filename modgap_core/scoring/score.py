"""A score, what is scored, and what scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan
from typing import Any, Protocol

from modgap_core.errors import ModGapError

OWN_VERSION = "1"
"""Of ModGap's own rules; raised when one of them changes a score."""


RIGHT = 0.5
"""From this score on an answer counts as right, where right or wrong is asked for."""


class ScoringError(ModGapError):
    """An answer cannot be scored (unknown task, missing package, broken judge ...)."""


@dataclass(frozen=True)
class Score:
    """What an answer is worth.

    Attributes:
        value: 0..1; NaN if it cannot be scored.
        rule: what in the answer decided.
    """

    value: float
    rule: str

    @property
    def is_right(self) -> bool | None:
        """Right or wrong; None where it cannot be told."""
        return None if isnan(self.value) else self.value >= RIGHT


@dataclass(frozen=True)
class Question:
    """What an answer is an answer to.

    Attributes:
        prompt: the transcript.
        reference: the right answer: a letter for multiple choice, texts separated by ``|`` for open questions.
        details: choices of multiple choice; key, instruction_id_list and kwargs of IFEval.
    """

    prompt: str
    reference: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def no_reference(question: Question) -> Score:
    """Of an answer to a question whose right answer is not known."""
    return Score(
        float("nan"), f"no letter in the reference {question.reference!r}" if question.reference else "no reference"
    )


class Scorer(Protocol):
    """A rule with a name and a version, which stand beside every score."""

    @property
    def name(self) -> str:
        """As in the tables."""

    @property
    def version(self) -> str:
        """Of the rule, or of the package that holds it."""

    def __call__(self, question: Question, answer: str) -> Score:
        """Score one answer."""
