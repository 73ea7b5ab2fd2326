"""A prompt ready for the LLM, and where in it the speech or the transcript stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from modgap_core.tokens import TextToken


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

    @property
    def is_speech(self) -> bool:
        """Whether the prompts are spoken."""
        return self.ms_per_token > 0

    def span_slices(self) -> list[slice]:
        """Where each row's span begins and ends; spans are contiguous."""
        return [_slice_of(row) for row in self.span]

    def rows(self, n: int) -> Encoded:
        """A batch of one, n times."""
        inputs = {name: value.repeat(n, *(1,) * (value.dim() - 1)) for name, value in self.inputs.items()}
        return Encoded(inputs, self.span.repeat(n, 1), self.ms_per_token, self.tokens * n)

    def followed_by(self, ids: torch.Tensor, embed: Callable[[torch.Tensor], torch.Tensor]) -> Encoded:
        """The same further tokens (n,) after each row; the span stays. `embed` serves prompts of embeddings."""
        mask = self.inputs["attention_mask"]
        grown = {**self.inputs, "attention_mask": torch.cat([mask, mask.new_ones(len(mask), len(ids))], dim=1)}
        if "inputs_embeds" in grown:
            states = grown["inputs_embeds"]
            grown["inputs_embeds"] = torch.cat([states, embed(ids).to(states).expand(len(mask), -1, -1)], dim=1)
        else:
            grown["input_ids"] = torch.cat([grown["input_ids"], ids.expand(len(mask), -1)], dim=1)
        return Encoded(grown, _extended(self.span, 0, len(ids)), self.ms_per_token, self.tokens)


def _slice_of(row: torch.Tensor) -> slice:
    inside = row.nonzero().flatten().tolist()
    return slice(inside[0], inside[-1] + 1)


def stacked(prompts: Sequence[Encoded]) -> Encoded:
    """Prompts of embeddings in one batch, left-padded to the longest."""
    longest = max(prompt.n_prompt for prompt in prompts)
    pads = [longest - prompt.n_prompt for prompt in prompts]
    states = [
        torch.nn.functional.pad(prompt.inputs["inputs_embeds"], (0, 0, pad, 0))
        for prompt, pad in zip(prompts, pads, strict=True)
    ]
    masks = [
        torch.nn.functional.pad(prompt.inputs["attention_mask"], (pad, 0))
        for prompt, pad in zip(prompts, pads, strict=True)
    ]
    spans = [_extended(prompt.span, pad, 0) for prompt, pad in zip(prompts, pads, strict=True)]
    inputs = {"inputs_embeds": torch.cat(states), "attention_mask": torch.cat(masks)}
    return Encoded(inputs, torch.cat(spans), prompts[-1].ms_per_token)


def _extended(span: torch.Tensor, before: int, after: int) -> torch.Tensor:
    return torch.nn.functional.pad(span, (before, after), value=False)


def positions(attention_mask: torch.Tensor) -> torch.Tensor:
    """Position ids (B, T) that count from 0 at each row's first real token.

    >>> positions(torch.tensor([[0, 0, 1, 1, 1]])).tolist()
    [[0, 0, 0, 1, 2]]
    """
    return (attention_mask.long().cumsum(-1) - 1).clamp(min=0)
