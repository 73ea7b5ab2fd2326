"""A control: angle projection to the words in reversed order."""

from dataclasses import replace

from modgap_core.interventions.method import METHODS, Method
from modgap_core.interventions.token_choice import TokenPair


def _turn(pairs: tuple[TokenPair, ...], n_text: int) -> tuple[TokenPair, ...]:
    return tuple(replace(pair, text=n_text - 1 - pair.text) for pair in pairs)


SHUFFLED_WORDS = Method(
    name="shuffled-words",
    title="Angle projection, words backwards",
    sentence="Angle projection to the text token at the same place from the end.",
    source="toy",
    uses="right transcript, wrong places",
    apply=METHODS.get("angle").apply,
    is_control=True,
    turn=_turn,
)
