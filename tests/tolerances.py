"""How tests compare numbers that another processor, thread count or batch rounds differently.

States and logits are compared by `modgap_core.models.tolerance`: each vector by its own size, never element by element
against an absolute number, because a model may make states of any size. Answers are compared as words, and may differ
only where the plain run itself had to choose between two tokens of equal logits.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from modgap_core.models.encoded import Encoded
from modgap_core.models.hooks import Edit
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.models.tolerance import relative_difference, relative_tolerance

FEW_ROUNDINGS = 64 * float(torch.finfo(torch.float32).eps)
"""For float32 numbers around 1 after a few steps of arithmetic: a dot product of some ten summands, a cosine."""

CLOSE = relative_tolerance(torch.float32)
"""For quantities of float32 states (cosines; distances over the states' size; log-probabilities over their size)."""


def assert_close(found: torch.Tensor, expected: torch.Tensor) -> None:
    """Vectors (..., d), such as states or logits, that one computation gives twice."""
    assert found.shape == expected.shape
    difference = relative_difference(found, expected)
    assert difference <= relative_tolerance(expected.dtype), f"vectors differ by {difference:.1e} of their size"


def differ(found: torch.Tensor, expected: torch.Tensor) -> bool:
    """Whether some vector (..., d) differs by more than rounding explains."""
    return relative_difference(found, expected) > relative_tolerance(expected.dtype)


def assert_close_to_size(found: np.ndarray | float, expected: np.ndarray | float) -> None:
    """Quantities of one kind, each within `CLOSE` of the largest of them (distances, matrices, log-probabilities)."""
    size = max(1.0, float(np.nanmax(np.abs(expected))))
    np.testing.assert_allclose(found, expected, rtol=0, atol=CLOSE * size)


def smallest_choice(model: SpeechLM, encoded: Encoded, edits: Mapping[int, Edit] | None, n_tokens: int) -> float:
    """How far the two best logits of a token lie apart, of the answer's closest choice, over the logits' size."""
    with model.run(encoded, None, edits):
        _, logits = model.generate_with_logits(encoded, n_tokens)
    best = logits.float().topk(2).values
    return float(((best[..., 0] - best[..., 1]) / logits.float().square().mean(-1).sqrt()).min())


def assert_same_answer(
    found: str,
    expected: str,
    model: SpeechLM,
    encoded: Encoded,
    edits: Mapping[int, Edit] | None = None,
    n_tokens: int = 6,
) -> None:
    """The answer to a batch of one, but where two of its tokens were equally good."""
    if found != expected:
        choice = smallest_choice(model, encoded, edits, n_tokens)
        assert choice <= 2 * CLOSE, f"{found!r} is not {expected!r}, though the closest choice was {choice:.1e} apart"
