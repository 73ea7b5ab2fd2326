"""What is done to a chosen speech token, and what it must know."""

from __future__ import annotations

from enum import StrEnum


class Method(StrEnum):
    """The paper's two interventions, both in one, and the controls."""

    ANGLE = "angle"
    LENGTH = "length"
    BOTH = "both"
    ROLLED_TRANSCRIPT = "rolled-transcript"
    OTHER_TRANSCRIPT = "other-transcript"
    RANDOM_DIRECTION = "random-direction"
    CALIBRATION = "calibration"
    IDENTITY = "identity"

    @property
    def uses(self) -> str:
        """What the new states are made of, beside the speech states themselves.

        Where it is the right transcript, the edit writes the words that were spoken into the prompt: it probes what
        position and direction do, and is an upper bound, no repair for speech whose words are not known.

        >>> Method.ANGLE.uses
        'right transcript'
        """
        return _USES[self]


USES_WORDS = (
    "Angle projection, length normalization and both use the transcript: they write states of the right words into the "
    "prompt. A gain is an upper bound and shows what position and direction do; it is no repair for speech whose words "
    "are not known. The controls write in the same words at wrong places (rolled-transcript), another question's words "
    "(other-transcript), a random direction, the words' mean and spread (calibration), or nothing (identity)."
)
"""Stands wherever results of interventions are shown."""

_USES = {
    Method.ANGLE: "right transcript",
    Method.LENGTH: "right transcript",
    Method.BOTH: "right transcript",
    Method.ROLLED_TRANSCRIPT: "right transcript, wrong places",
    Method.OTHER_TRANSCRIPT: "another transcript",
    Method.RANDOM_DIRECTION: "chance",
    Method.CALIBRATION: "right transcript, its mean and spread",
    Method.IDENTITY: "nothing",
}


def uses_of(label: str) -> str:
    """The same by a condition's label; empty for a label that is none.

    >>> uses_of("other-transcript all"), uses_of("speech")
    ('another transcript', '')
    """
    name = label.partition(" ")[0]
    return Method(name).uses if name in list(Method) else ""
