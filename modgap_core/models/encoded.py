"""A prompt ready for the LLM, and where in it the speech or the transcript stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch


@dataclass(frozen=True)
class TextToken:
    """One token of a transcript.

    Attributes:
        text: how it reads, with its leading blank if it has one.
        start: first character in the transcript.
        end: one past the last character in the transcript.
    """

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Encoded:
    """Model inputs of a batch of B prompts, left-padded to T positions.

    Attributes:
        inputs: keyword arguments of the model; on the model's device.
        span: bool (B, T); true on valid speech tokens, or on transcript tokens, alone: no prompt, no
            chat template, no padding frames.
        ms_per_token: milliseconds of sound in one speech token; 0 for text.
        tokens: for text, the tokens of each transcript, in order.
    """

    inputs: dict[str, Any]
    span: torch.Tensor
    ms_per_token: float = 0.0
    tokens: tuple[tuple[TextToken, ...], ...] = field(default=())

    @property
    def n_prompt(self) -> int:
        """T, positions of the padded prompt."""
        return int(self.span.shape[1])


def positions(attention_mask: torch.Tensor) -> torch.Tensor:
    """Position ids (B, T) that count from 0 at each row's first real token.

    >>> positions(torch.tensor([[0, 0, 1, 1, 1]])).tolist()
    [[0, 0, 0, 1, 2]]
    """
    return (attention_mask.long().cumsum(-1) - 1).clamp(min=0)
