"""Control: nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modgap_core.interventions.method import ChosenStates, Method

if TYPE_CHECKING:
    import torch


def _apply(chosen: ChosenStates) -> torch.Tensor:
    return chosen.speech.float()


IDENTITY = Method(
    name="identity",
    title="Identity",
    sentence="The states are written back as they are; it must change nothing.",
    source="control",
    uses="nothing",
    apply=_apply,
    is_control=True,
    changes_nothing=True,
)
