"""Attention of a Whisper encoder that reaches a few frames only."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from transformers.models.whisper.modeling_whisper import WhisperEncoder


def limit_attention(encoder: WhisperEncoder, reach: int) -> None:
    """Let every block's frames attend to `reach` frames on each side, and to no others.

    Whisper's own encoder attends to the whole window, and a small one may then keep what a whole question says in
    a few fixed frames; a speech token would not stand for the sound at its time.

    Args:
        encoder: changed in place.
        reach: frames of 20 ms; after n blocks a frame has heard n times as far.
    """
    for block in encoder.layers:
        block.register_forward_pre_hook(partial(_near, reach))


def _near(reach: int, _block: torch.nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
    states, _no_mask = given
    place = torch.arange(states.shape[1], device=states.device)
    far = (place - place.unsqueeze(1)).abs() > reach
    mask = states.new_zeros(far.shape).masked_fill(far, torch.finfo(states.dtype).min)
    return states, mask.expand(1, 1, -1, -1)
