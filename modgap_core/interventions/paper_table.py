"""The rows of the paper's tables 4 to 7 for one pair, with controls beside them."""

from __future__ import annotations

from modgap_core.interventions.condition import Condition
from modgap_core.interventions.token_choice import ALL, RANDOM, TokenChoice

_BOTTOM_3 = TokenChoice(k=3)


def paper_conditions() -> tuple[Condition, ...]:
    """{angle, length} x {Bottom-3, All}: the paper's four settings."""
    return tuple(
        Condition(method, tokens) for method in ("angle", "length") for tokens in (_BOTTOM_3, TokenChoice(ALL))
    )


def control_conditions() -> tuple[Condition, ...]:
    """Wrong places, another question's words, random tokens, a random direction, calibration, nothing at all."""
    return (
        *(Condition("rolled-transcript", tokens) for tokens in (_BOTTOM_3, TokenChoice(ALL))),
        *(Condition("other-transcript", tokens) for tokens in (_BOTTOM_3, TokenChoice(ALL))),
        Condition("angle", TokenChoice(RANDOM, k=3)),
        Condition("random-direction", _BOTTOM_3),
        Condition("calibration"),
        Condition("identity", _BOTTOM_3),
    )


def table_conditions() -> tuple[Condition, ...]:
    """The paper's settings, then the controls."""
    return paper_conditions() + control_conditions()
