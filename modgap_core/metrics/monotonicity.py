"""Monotonicity of an alignment path: Spearman's rank correlation with time (paper, section 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modgap_core.metrics.layers import Values
from modgap_core.metrics.mean_of_defined import mean_of_defined
from modgap_core.metrics.path import NO_PARTNER, PathFinder
from modgap_core.metrics.quantity import Better, Each, Level, Need, Null, Quantity
from modgap_core.metrics.similarity import Similarity
from modgap_core.registry import deferred

if TYPE_CHECKING:
    import torch

    from modgap_core.states.layer_view import LayerView


def monotonicity(path: torch.Tensor) -> torch.Tensor:
    """Spearman rank correlation between j and i*_j, ties at their average rank.

    Args:
        path: (..., Tt) speech token of each text token; tokens without a partner are left out.

    Returns:
        (...,) in -1..1; NaN (undefined) for fewer than two tokens or a constant path.

    Example:
        >>> import torch
        >>> monotonicity(torch.tensor([[0, 2, 5], [5, 2, 0], [3, 3, 3]]))
        tensor([ 1., -1., nan])
    """
    x, y = centred_ranks(path)
    return ((x * y).sum(-1) / (x.square().sum(-1) * y.square().sum(-1)).sqrt()).float()


def mean_monotonicity(monotonicities: Values) -> Values:
    """Mean over layers 0..L (..., L + 1) of those where it is defined; NaN (undefined) where it is in none.

    Example:
        >>> import torch
        >>> mean_monotonicity(torch.tensor([1.0, float("nan"), 0.5]))
        tensor(0.7500)
    """
    return mean_of_defined(monotonicities)


def centred_ranks(path: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Ranks of the text positions and of their speech tokens, each (..., Tt) with mean 0; 0 without a partner."""
    import torch

    counted = path != NO_PARTNER
    positions = torch.arange(path.shape[-1], device=path.device).expand_as(path)
    n = counted.sum(-1, keepdim=True)
    x, y = (average_ranks(values, counted) for values in (positions, path))
    x, y = ((r - r.sum(-1, keepdim=True) / n).masked_fill(~counted, 0) for r in (x, y))
    return x, y


def average_ranks(values: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """Ranks (..., T) from 0 among the counted values, ties at their average; 0 where not counted.

    Pairwise comparison: exact for ties, and transcripts are short enough for T^2.
    """
    both = counted.unsqueeze(-1) & counted.unsqueeze(-2)
    below = ((values.unsqueeze(-1) > values.unsqueeze(-2)) & both).sum(-1)
    equal = ((values.unsqueeze(-1) == values.unsqueeze(-2)) & both).sum(-1)
    return (below + (equal - 1) / 2).double().masked_fill(~counted, 0)


def _of_view(view: LayerView, function: Similarity, path: PathFinder) -> torch.Tensor:
    return monotonicity(view.path(function, path))


MONOTONICITY = Quantity(
    name="monotonicity",
    title="monotonicity",
    symbol="rho",
    level=Level.LAYER,
    sentence="Spearman rank correlation between text tokens and the speech tokens of their path: 1 means that the path "
    "runs strictly forward in time.",
    source="paper, section 5.1",
    compute=_of_view,
    each=Each.PATH,
    range=(-1.0, 1.0),
    better=Better.HIGHER,
    needs=frozenset({Need.MATRIX, Need.PATH}),
    null=Null.SHUFFLED,
    over_layers=mean_monotonicity,
    over_layers_words="mean over layers 0..L where it is defined",
    batched=True,
    shuffled=deferred("modgap_core.metrics.null_reference:shuffled_monotonicity"),
)
