"""Whether an answer is right, in words; pure, no streamlit."""

from __future__ import annotations

from modgap_core.interventions.outcome import InterventionResult
from modgap_core.scoring.expected import QA, Expected
from modgap_core.scoring.score import Score

UNKNOWN = "no reference answer is known"


def verdict(score: Score, expected: Expected) -> str:
    """Right or wrong, as the task's primary scorer has it; a plain remark where it cannot tell.

    >>> swan = Expected("B", "mcq", {"choices": ["calf", "cygnet"]})
    >>> verdict(swan.score("", "a baby swan is called a cygnet"), swan)
    'right'
    >>> verdict(swan.score("", "a calf"), swan)
    'wrong; expected: B (cygnet)'
    """
    if score.is_right is None:
        return f"not judged: {score.rule}" if expected.words else UNKNOWN
    return "right" if score.is_right else f"wrong; expected: {expected.words}"


def compared_with(result: InterventionResult) -> tuple[str, str]:
    """The answer beside which an intervention's answers are laid, and what it is.

    The right answer is one to compare with word by word where it is a whole answer, as of an open question; an
    option's text is not.
    """
    if result.expected.task == QA and result.expected.target:
        return result.target, "right answer"
    return result.text.answer, "answer to the transcript"
