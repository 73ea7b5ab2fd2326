"""Sets of conditions by name, for a corpus run and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modgap_core.registry import Registry, deferred

if TYPE_CHECKING:
    from modgap_core.interventions.condition import Condition


@dataclass(frozen=True)
class ConditionSet:
    """Conditions that belong together.

    Attributes:
        name: the key on the command line.
        sentence: what they show.
        source: where they come from.
        conditions: makes them.
    """

    name: str
    sentence: str
    source: str
    conditions: Callable[[], tuple[Condition, ...]]


_TABLE = "modgap_core.interventions.paper_table"
PAPER = ConditionSet(
    "paper",
    "The paper's four settings, and eight controls beside them.",
    "paper, tables 4 to 7; controls ours",
    deferred(f"{_TABLE}:table_conditions"),
)
PAPER_ALONE = ConditionSet(
    "paper-alone", "The paper's four settings.", "paper, tables 4 to 7", deferred(f"{_TABLE}:paper_conditions")
)
CONTROLS = ConditionSet("controls", "The eight controls.", "ours", deferred(f"{_TABLE}:control_conditions"))


_HERE = "modgap_core.interventions.condition_sets"
CONDITION_SETS: Registry[ConditionSet] = Registry(
    "set of conditions",
    "modgap.conditions",
    {"paper": f"{_HERE}:PAPER", "paper-alone": f"{_HERE}:PAPER_ALONE", "controls": f"{_HERE}:CONTROLS"},
    ConditionSet,
)
