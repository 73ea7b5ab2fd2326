"""Control: a random direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modgap_core.interventions.method import ChosenStates, Method
from modgap_core.interventions.methods.angle_projection import angle_projection

if TYPE_CHECKING:
    import torch


def _apply(chosen: ChosenStates) -> torch.Tensor:
    import torch

    generator = torch.Generator().manual_seed(chosen.seed)
    direction = torch.randn(chosen.speech.shape, generator=generator).to(chosen.speech.device)
    return angle_projection(chosen.speech, direction, chosen.strength)


RANDOM_DIRECTION = Method(
    name="random-direction",
    title="Random direction",
    sentence="A random direction, the speech token's length.",
    source="control",
    uses="chance",
    apply=_apply,
    is_control=True,
)
