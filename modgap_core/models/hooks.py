"""The one primitive for reaching inside: pre-hooks on the decoder layers that act in the prefill.

Layer l = 0..L-1 is what enters block l, so layer 0 is the LLM input; layer L is what leaves the last
block, before the final norm; `AFTER_NORM` is layer L after the final norm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import nn

from modgap_core.errors import ModelError

AFTER_NORM = -1
"""The layer number that reductions get for layer L after the final norm."""

Reduce = Callable[[int, torch.Tensor, torch.Tensor], Any]
"""``reduce(layer, states (B, T, d), span (B, T)) -> anything``; called once a layer, in order."""

Edit = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""``edit(states (B, T, d), span (B, T)) -> states (B, T, d)``."""


@dataclass
class Recorder:
    """What the hooks did.

    Attributes:
        reduced: results of the reduction for layers 0..L, then after the final norm.
        fired: how often the edit of each layer was applied.
    """

    reduced: list[Any] = field(default_factory=list)
    fired: dict[int, int] = field(default_factory=dict)


def layers_of(decoder: nn.Module) -> nn.ModuleList:
    """The decoder's blocks."""
    layers = getattr(decoder, "layers", None)
    if not isinstance(layers, nn.ModuleList):
        raise ModelError(f"{type(decoder).__name__} has no list of layers; ModGap cannot reach inside it.")
    return layers


@contextmanager
def prefill_hooks(
    decoder: nn.Module, span: torch.Tensor, reduce: Reduce | None = None, edits: Mapping[int, Edit] | None = None
) -> Iterator[Recorder]:
    """Capture and edit while the prompt runs through the decoder.

    Args:
        decoder: has ``layers`` and ``norm``.
        span: bool (B, T); the hooks act only on calls with these B and T, which is the prefill.
        reduce: called with the states of each layer, after an edit of that layer; what it returns is kept.
        edits: by layer 0..L-1.

    Raises:
        ModelError: an edit names a layer that cannot be edited, or never fired.
    """
    layers, recorder, edits = layers_of(decoder), Recorder(), dict(edits or {})
    final_norm = decoder.get_submodule("norm")
    if unknown := sorted(layer for layer in edits if not 0 <= layer < len(layers)):
        raise ModelError(f"Layer {unknown[0]} cannot be edited; choose a layer from 0 to {len(layers) - 1}.")

    def on_input(layer: int, states: torch.Tensor) -> torch.Tensor:
        if states.shape[:2] != span.shape:
            return states
        if layer in edits:
            states = edits[layer](states, span)
            recorder.fired[layer] = recorder.fired.get(layer, 0) + 1
        if reduce is not None:
            recorder.reduced.append(reduce(layer, states, span))
        return states

    def on_output(states: torch.Tensor) -> None:
        if reduce is None or states.shape[:2] != span.shape:
            return
        recorder.reduced.append(reduce(len(layers), states, span))
        recorder.reduced.append(reduce(AFTER_NORM, final_norm(states), span))

    handles = [_pre_hook(block, partial(on_input, number)) for number, block in enumerate(layers)]
    handles.append(
        layers[-1].register_forward_hook(lambda _m, _a, out: on_output(out[0] if type(out) is tuple else out))
    )
    try:
        yield recorder
    finally:
        for handle in handles:
            handle.remove()
    if silent := sorted(set(edits) - set(recorder.fired)):
        raise ModelError(f"The edit at layer {silent[0]} never fired; the answer would be the unedited one.")


def _pre_hook(block: nn.Module, act: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    def hook(_module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        if args:
            return (act(args[0]), *args[1:]), kwargs
        return args, {**kwargs, "hidden_states": act(kwargs["hidden_states"])}

    return block.register_forward_pre_hook(hook, with_kwargs=True)
