"""Both of the paper's edits in one: the text token's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modgap_core.interventions.method import ChosenStates, Method
from modgap_core.interventions.methods.angle_projection import between_directions
from modgap_core.interventions.methods.length_normalization import between_lengths

if TYPE_CHECKING:
    import torch


def _apply(chosen: ChosenStates) -> torch.Tensor:
    lengths = between_lengths(chosen.speech, chosen.text, chosen.strength)
    return lengths * between_directions(chosen.speech, chosen.text, chosen.strength)


BOTH = Method(
    name="both",
    title="Both",
    sentence="The text token's direction and length, which is its state.",
    source="ours",
    uses="right transcript",
    apply=_apply,
    in_sweeps=True,
)
