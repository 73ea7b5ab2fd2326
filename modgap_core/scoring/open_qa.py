"""Open questions without a judge: the reference contained in the answer, and token F1. Neither is PEDANT."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter

from modgap_core.scoring.score import Question, Score

_VERSION = "2"
SEPARATOR = "|"
"""Between several right answers in a reference."""
_PUNCTUATION = re.compile(rf"(?!(?<=\d)[./](?=\d)|(?<!\S)-(?=\d))[{re.escape(string.punctuation)}’‘“”]")
"""But not in 3.5, 1/2 and -1."""


def normalised(text: str) -> str:
    """Lower case, without punctuation and articles, single blanks, as for SQuAD (Rajpurkar et al. 2016).

    Otherwise than there, numbers keep their decimal point, fraction and minus sign, and equal letters written in
    different Unicode forms are equal.

    >>> normalised("The Capital, of  Austria!")
    'capital of austria'
    >>> normalised("It is -3.5, not 1/2.")
    'it is -3.5 not 1/2'
    """
    letters = _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text).replace("⁄", "/").lower())
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", letters).split())


def references(question: Question) -> list[str]:
    """The right answers."""
    return [part.strip() for part in question.reference.split(SEPARATOR) if normalised(part)]


class QaContains:
    """1 if a normalised reference stands in the normalised answer as whole words; not PEDANT."""

    name, version = "qa_contains", _VERSION

    def __call__(self, question: Question, answer: str) -> Score:
        """1 or 0; NaN without a reference."""
        if not references(question):
            return Score(float("nan"), "no reference")
        said = f" {normalised(answer)} "
        found = next((part for part in references(question) if f" {normalised(part)} " in said), None)
        return Score(0.0, "no reference contained") if found is None else Score(1.0, f"contains {found!r}")


class QaTokenF1:
    """The best F1 of the answer's words with those of a reference; not PEDANT."""

    name, version = "qa_token_f1", _VERSION

    def __call__(self, question: Question, answer: str) -> Score:
        """0..1; NaN without a reference."""
        if not references(question):
            return Score(float("nan"), "no reference")
        best = max(references(question), key=lambda part: token_f1(answer, part))
        return Score(token_f1(answer, best), f"token F1 with {best!r}")


def token_f1(answer: str, reference: str) -> float:
    """Harmonic mean of precision and recall over words, counted with repetition.

    >>> token_f1("it is vienna", "vienna")
    0.5
    """
    said, right = normalised(answer).split(), normalised(reference).split()
    shared = (Counter(said) & Counter(right)).total()
    return 2 * shared / (len(said) + len(right)) if shared else 0.0
