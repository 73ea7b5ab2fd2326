"""From conditions to the edit primitive of the model interface, one row of the batch for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch

from modgap_core.errors import InterventionError
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.method import ChosenStates
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
        return self.condition.edit.changes_nothing or self.condition.strength == 0.0 or not self.pairs

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
    condition = plan.condition
    chosen = ChosenStates(
        speech_span,
        text_span,
        [pair.speech for pair in plan.pairs],
        [pair.text for pair in plan.pairs],
        condition.strength,
        condition.seed,
    )
    new = condition.edit.apply(chosen)
    if new.shape != chosen.speech.shape:
        raise InterventionError(
            f"The method {condition.method!r} returned states of the shape {tuple(new.shape)} for tokens of the shape "
            f"{tuple(chosen.speech.shape)}; it must return one state a chosen token."
        )
    return new


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
