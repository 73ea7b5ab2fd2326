"""Span states of a batch, padded: what is compared with what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch.nn.utils.rnn import pad_sequence

from modgap_core.metrics.mean_pooled import mean_pooled


@dataclass(frozen=True)
class Rows:
    """States of one layer.

    Attributes:
        states: (B, T, d) float32; padding is 0.
        is_token: bool (B, T).
        known_means: (B, d), where the means over each row's tokens were computed before.
    """

    states: torch.Tensor
    is_token: torch.Tensor
    known_means: torch.Tensor | None = None

    @classmethod
    def of(cls, states: torch.Tensor, spans: Sequence[slice]) -> Rows:
        """Cut (B, T, d) states of a prompt down to each row's span."""
        return cls.padded([row[span].float() for row, span in zip(states, spans, strict=True)])

    @classmethod
    def padded(cls, rows: Sequence[torch.Tensor]) -> Rows:
        """States (T_b, d) of each row."""
        padded = pad_sequence(list(rows), batch_first=True)
        lengths = torch.tensor([len(row) for row in rows], device=padded.device)
        return cls(padded, torch.arange(padded.shape[1], device=padded.device) < lengths[:, None])

    @classmethod
    def whole(cls, states: torch.Tensor) -> Rows:
        """Rows (B, T, d) of equal length."""
        states = states.float()
        return cls(states, torch.ones(states.shape[:-1], dtype=torch.bool, device=states.device))

    @cached_property
    def means(self) -> torch.Tensor:
        """(B, d) over each row's tokens."""
        return mean_pooled(self.states, self.is_token) if self.known_means is None else self.known_means

    def to(self, device: torch.device) -> Rows:
        """The same on a device."""
        means = None if self.known_means is None else self.known_means.to(device)
        return Rows(self.states.to(device), self.is_token.to(device), means)

    def row(self, number: int) -> torch.Tensor:
        """(T_b, d) of one row, without its padding."""
        return self.states[number][self.is_token[number]]
