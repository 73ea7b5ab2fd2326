"""Which entries of a result are the layers 0..L."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

Values = TypeVar("Values", "torch.Tensor", "NDArray[Any]")
"""A tensor or an array: what comes out is of the kind that went in."""


def layers_0_to_l(entries: Values, after_norm: bool = False) -> Values:
    """Layers 0..L out of the N = L + 2 entries that a result holds.

    Args:
        entries: (..., L + 2), of layers 0..L, L before the final norm, then of layer L after it.
        after_norm: take layer L after the final norm instead of before.

    Returns:
        (..., L + 1).

    Example:
        >>> import torch
        >>> layers_0_to_l(torch.tensor([0, 1, 2, 20])), layers_0_to_l(torch.tensor([0, 1, 2, 20]), after_norm=True)
        (tensor([0, 1, 2]), tensor([ 0,  1, 20]))
    """
    return entries[..., entry_numbers(entries.shape[-1] - 2, after_norm)]


def entry_numbers(n_layers: int, after_norm: bool = False) -> list[int]:
    """Where the layers 0..L stand among the entries.

    >>> entry_numbers(2), entry_numbers(2, after_norm=True)
    ([0, 1, 2], [0, 1, 3])
    """
    return [*range(n_layers), n_layers + int(after_norm)]


def layer_labels(n_layers: int) -> tuple[str, ...]:
    """Names of the N = L + 2 entries.

    >>> layer_labels(2)
    ('0 (LLM input)', '1', '2 (before final norm)', '2 (after final norm)')
    """
    middle = [str(layer) for layer in range(1, n_layers)]
    return ("0 (LLM input)", *middle, f"{n_layers} (before final norm)", f"{n_layers} (after final norm)")
