"""An edit: the opposite direction."""

import torch

from modgap_core.interventions.method import ChosenStates, Method


def _apply(chosen: ChosenStates) -> torch.Tensor:
    return (1 - 2 * chosen.strength) * chosen.speech.float()


REVERSED = Method(
    name="reversed",
    title="Reversed",
    sentence="The speech token's state, pointing the other way.",
    source="toy",
    uses="nothing",
    apply=_apply,
    in_sweeps=True,
)
