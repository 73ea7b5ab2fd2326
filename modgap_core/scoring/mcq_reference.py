"""The right letter of a multiple-choice item, however its data set writes it."""

from __future__ import annotations

import re

from modgap_core.scoring.score import Question

LETTERS = "ABCD"
_LETTER = re.compile(r"\W*([A-D])(?:\W*$|\s?[.:)]\s)", re.IGNORECASE)


def right_letter(question: Question) -> str | None:
    """``B``, ``b``, ``(B)``, ``B. twenty`` or the text of one of the choices; None where it is none of these.

    >>> right_letter(Question("which", "(b)")), right_letter(Question("which", "B. a dog"))
    ('B', 'B')
    >>> right_letter(Question("which", "a dog", {"choices": ["a cat", "a dog"]}))
    'B'
    >>> right_letter(Question("which", "a dog")) is None
    True
    """
    reference, choices = question.reference.strip(), question.details.get("choices") or ()
    if len(reference) > 1 and reference in choices:
        return LETTERS[list(choices).index(reference)]
    found = _LETTER.match(reference)
    return found[1].upper() if found else None
