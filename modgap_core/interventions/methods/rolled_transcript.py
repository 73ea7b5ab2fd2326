"""Control: the right words at wrong places."""

from __future__ import annotations

from dataclasses import replace

from modgap_core.interventions.method import Method
from modgap_core.interventions.methods.angle_projection import ANGLE
from modgap_core.interventions.token_choice import TokenPair


def rolled(pairs: tuple[TokenPair, ...], n_text: int) -> tuple[TokenPair, ...]:
    """The same speech tokens, each turned to the text token half a transcript further on, round the end.

    >>> [pair.text for pair in rolled((TokenPair(7, 0, 0.1), TokenPair(9, 3, 0.2)), 5)]
    [2, 0]
    """
    shift = max(1, n_text // 2)
    return tuple(replace(pair, text=(pair.text + shift) % n_text) for pair in pairs)


ROLLED_TRANSCRIPT = Method(
    name="rolled-transcript",
    title="Angle projection, words at wrong places",
    sentence="Angle projection to the text token half a transcript further on.",
    source="control",
    uses="right transcript, wrong places",
    apply=ANGLE.apply,
    is_control=True,
    turn=rolled,
)
