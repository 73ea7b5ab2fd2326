"""Length normalization (paper, section 5.3): the speech token's direction, the text token's length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modgap_core.interventions.method import ChosenStates, Method
from modgap_core.metrics.pairwise_cosine_similarity import unit_vectors

if TYPE_CHECKING:
    import torch


def length_normalization(speech: torch.Tensor, text: torch.Tensor, strength: float = 1.0) -> torch.Tensor:
    """H' = |h_t| u(h_s); with a strength below 1 the length goes that share of the way.

    Args:
        speech: (..., d) states of speech tokens.
        text: (..., d) states of their text tokens.
        strength: 0 leaves the length, 1 is the paper's intervention.

    Returns:
        (..., d) in float32; NaN (undefined) where the speech state has length zero.

    Example:
        >>> import torch
        >>> length_normalization(torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 5.0]]), strength=0.5)
        tensor([[3.5000, 0.0000]])
    """
    return between_lengths(speech, text, strength) * unit_vectors(speech)


def between_lengths(speech: torch.Tensor, text: torch.Tensor, strength: float) -> torch.Tensor:
    """Lengths (..., 1) from |speech| at 0 to |text| at 1."""
    import torch

    start, end = (torch.linalg.vector_norm(x.float(), dim=-1, keepdim=True) for x in (speech, text))
    return torch.lerp(start, end, strength)


def _apply(chosen: ChosenStates) -> torch.Tensor:
    return length_normalization(chosen.speech, chosen.text, chosen.strength)


LENGTH = Method(
    name="length",
    title="Length normalization",
    sentence="The speech token's direction, the text token's length.",
    source="paper, section 5.3",
    uses="right transcript",
    apply=_apply,
    in_sweeps=True,
)
