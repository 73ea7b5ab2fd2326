"""Multiple choice as VoiceBench scores it, mistakes included, but without its random guesses.

Source: VoiceBench (Apache-2.0): which substrings it looks for, in which order, in ``voicebench_mcq.json``. They were
collected from public copies of its evaluator, and agree with all cases known of commit 5338154.
"""

from __future__ import annotations

import json
from importlib.resources import files

from modgap_core.scoring.mcq_reference import right_letter
from modgap_core.scoring.score import Question, Score, no_reference

LETTERS = "abcd"
_CHANCE = 0.25
_PUNCTUATION = ".,:)"
_MARKS = ("<1>", "<2>", "<3>")
TEMPLATES: tuple[str, ...] = tuple(
    json.loads(files("modgap_core.scoring").joinpath("voicebench_mcq.json").read_text(encoding="utf-8"))
)
"""With ``{}`` for the letter, in VoiceBench's order; the first that occurs wins."""


def extract_choice_exact(answer: str) -> tuple[str | None, str]:
    """The letter that VoiceBench finds, and the rule that finds it.

    >>> extract_choice_exact("The answer is a good question.")
    ('A', "'the answer is a'")
    >>> extract_choice_exact("Answer: D")
    (None, 'no template found')
    """
    text = answer.lower()
    if text.startswith(_MARKS):
        text = text[3:].strip()
    for template in TEMPLATES:
        for letter in LETTERS:
            if (found := template.replace("{}", letter)) in text:
                return letter.upper(), repr(found)
    for letter in LETTERS:
        if text == letter or text.startswith(tuple(letter + mark for mark in _PUNCTUATION)):
            return letter.upper(), "begins with the letter"
    return None, "no template found"


class McqExact:
    """Right or wrong by VoiceBench's templates; where they find nothing, VoiceBench guesses and this counts 0.25."""

    name, version = "mcq_exact", "substrings of VoiceBench, 2"

    def __call__(self, question: Question, answer: str) -> Score:
        """1, 0, or the expectation of a guess; NaN without a reference."""
        right = right_letter(question)
        if right is None:
            return no_reference(question)
        letter, rule = extract_choice_exact(answer)
        if letter is None:
            return Score(_CHANCE, f"{rule}: expectation of a guess")
        return Score(float(letter == right), f"{letter} by {rule}")
