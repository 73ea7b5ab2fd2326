"""From conditions to the edit primitive of the model interface, one row of the batch for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

import torch

from modgap_core.interventions.angle_projection import angle_projection, between_directions
from modgap_core.interventions.calibration import calibration
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.length_normalization import between_lengths, length_normalization
from modgap_core.interventions.method import Method
from modgap_core.interventions.token_choice import TokenPair
from modgap_core.models.hooks import Edit


@dataclass(frozen=True)
class Plan:
    """A condition with its tokens chosen.

    Attributes:
        condition: what is done.
        pairs: speech tokens and the text tokens that they are turned to.
        other: (N, Tt, d) states of another transcript in place of the own one's; None where the own ones are used.
    """

    condition: Condition
    pairs: tuple[TokenPair, ...]
    other: torch.Tensor | None = field(default=None, compare=False, repr=False)

    @property
    def changes_nothing(self) -> bool:
        """Whether the states are written back as they are."""
        return self.condition.method == Method.IDENTITY or self.condition.strength == 0.0 or not self.pairs

    def text_at(self, layer: int, own: torch.Tensor) -> torch.Tensor:
        """(Tt, d) text states of a layer that the plan turns to, from those of the own transcript (N, Tt, d)."""
        return (own if self.other is None else self.other)[layer]


def edited_tokens(plan: Plan, speech: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    """The new states of a plan's tokens.

    Args:
        plan: what is done.
        speech: (Ts, d) states of the speech span.
        text: (Tt, d) from `Plan.text_at` of the same layer.

    Returns:
        (n, d) for the n pairs, in the dtype of ``speech``; a token whose new state is undefined (a state
        of length zero, opposite directions) keeps its old one.
    """
    old = speech[[pair.speech for pair in plan.pairs]]
    if plan.changes_nothing:
        return old
    new = _new_states(plan, speech, text)
    return torch.where(new.isfinite().all(-1, keepdim=True), new.to(old.dtype), old)


def undefined_tokens(plan: Plan, speech: torch.Tensor, text: torch.Tensor) -> tuple[int, ...]:
    """Speech tokens that keep their state because the new one is undefined; arguments as `edited_tokens`."""
    if plan.changes_nothing:
        return ()
    finite = _new_states(plan, speech, text).isfinite().all(-1).tolist()
    return tuple(pair.speech for pair, defined in zip(plan.pairs, finite, strict=True) if not defined)


def _new_states(plan: Plan, speech_span: torch.Tensor, text_span: torch.Tensor) -> torch.Tensor:
    rows, strength = [pair.speech for pair in plan.pairs], plan.condition.strength
    speech, text = speech_span[rows], text_span[[pair.text for pair in plan.pairs]]
    match plan.condition.method:
        case Method.ANGLE | Method.ROLLED_TRANSCRIPT | Method.OTHER_TRANSCRIPT:
            return angle_projection(speech, text, strength)
        case Method.LENGTH:
            return length_normalization(speech, text, strength)
        case Method.BOTH:
            return between_lengths(speech, text, strength) * between_directions(speech, text, strength)
        case Method.RANDOM_DIRECTION:
            generator = torch.Generator().manual_seed(plan.condition.seed)
            return angle_projection(speech, torch.randn(speech.shape, generator=generator).to(speech.device), strength)
        case Method.CALIBRATION:
            return calibration(speech_span, text_span, strength)[rows]
        case Method.IDENTITY:
            return speech.float()
        case _:
            assert_never(plan.condition.method)


def batch_edits(plans: Sequence[Plan | None], speech: slice, text_states: torch.Tensor) -> Mapping[int, Edit]:
    """Edits by layer for a batch whose row r carries plan r (None: left alone).

    Args:
        plans: one for each row.
        speech: where the speech span stands in the rows that have a plan.
        text_states: (N, Tt, d) states of the transcript span by layer.
    """
    layers = sorted({layer for plan in plans if plan for layer in plan.condition.edit_layers})
    return {layer: _edit_of_layer(layer, plans, speech, text_states) for layer in layers}


def _edit_of_layer(layer: int, plans: Sequence[Plan | None], speech: slice, text_states: torch.Tensor) -> Edit:
    active = [
        (row, plan) for row, plan in enumerate(plans) if plan and plan.pairs and layer in plan.condition.edit_layers
    ]

    def edit(states: torch.Tensor, _span: torch.Tensor) -> torch.Tensor:
        edited = states.clone()
        for row, plan in active:
            places = [speech.start + pair.speech for pair in plan.pairs]
            edited[row, places] = edited_tokens(plan, states[row, speech], plan.text_at(layer, text_states))
        return edited

    return edit
