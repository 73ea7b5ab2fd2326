"""Angle projection (paper, section 5.3): the text token's direction, the speech token's length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modgap_core.interventions.method import ChosenStates, Method
from modgap_core.metrics.pairwise_cosine_similarity import unit_vectors

if TYPE_CHECKING:
    import torch


def angle_projection(speech: torch.Tensor, text: torch.Tensor, strength: float = 1.0) -> torch.Tensor:
    """H' = |h_s| u(h_t); with a strength below 1 the direction goes that share of the way on the great circle.

    Args:
        speech: (..., d) states of speech tokens.
        text: (..., d) states of their text tokens.
        strength: 0 leaves the direction, 1 is the paper's intervention.

    Returns:
        (..., d) in float32; NaN (undefined) where a state has length zero, or where the two directions
        are opposite and the strength is below 1.

    Example:
        >>> import torch
        >>> angle_projection(torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 5.0]]))
        tensor([[0., 2.]])
    """
    import torch

    return torch.linalg.vector_norm(speech.float(), dim=-1, keepdim=True) * between_directions(speech, text, strength)  # type: ignore[no-any-return]


def between_directions(speech: torch.Tensor, text: torch.Tensor, strength: float) -> torch.Tensor:
    """Spherical interpolation (..., d) of unit vectors, from u(speech) at 0 to u(text) at 1."""
    import torch

    start, end = unit_vectors(speech), unit_vectors(text)
    if strength == 1.0:
        return end + 0 * start  # undefined where either is
    # the angle by half chords: exact for nearly equal and nearly opposite directions, unlike arccos
    angle = 2 * torch.atan2(*(torch.linalg.vector_norm(v, dim=-1, keepdim=True) for v in (start - end, start + end)))
    slerp = (torch.sin((1 - strength) * angle) * start + torch.sin(strength * angle) * end) / torch.sin(angle)
    opposite = torch.pi - angle < 1e-3
    return torch.where(angle < 1e-4, start, slerp.masked_fill(opposite, float("nan")))


def _apply(chosen: ChosenStates) -> torch.Tensor:
    return angle_projection(chosen.speech, chosen.text, chosen.strength)


ANGLE = Method(
    name="angle",
    title="Angle projection",
    sentence="The text token's direction, the speech token's length.",
    source="paper, section 5.3",
    uses="right transcript",
    apply=_apply,
    in_sweeps=True,
)
