"""A set of conditions."""

from modgap_core.interventions.condition import Condition
from modgap_core.interventions.condition_sets import ConditionSet
from modgap_core.interventions.token_choice import TokenChoice

TOYS = ConditionSet(
    "toys",
    "Reversed states beside their control.",
    "toy",
    lambda: (Condition("reversed", TokenChoice(k=2)), Condition("shuffled-words", TokenChoice("all"))),
)
