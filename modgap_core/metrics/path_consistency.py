"""Path consistency: how often cosine and distance pick the same speech token (paper, section 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modgap_core.metrics.layers import Values
from modgap_core.metrics.mean_of_defined import mean_of_defined
from modgap_core.metrics.path import NO_PARTNER, PATHS, PathFinder
from modgap_core.metrics.quantity import Better, Level, Need, Quantity
from modgap_core.metrics.similarity import SIMILARITIES, Similarity

if TYPE_CHECKING:
    import torch

    from modgap_core.states.layer_view import LayerView


def path_consistency(path_cosine: torch.Tensor, path_euclidean: torch.Tensor) -> torch.Tensor:
    """Share of text tokens for which both paths pick the same speech token.

    Args:
        path_cosine: (..., Tt).
        path_euclidean: (..., Tt).

    Returns:
        (...,) in 0..1; tokens without a partner in either path are left out, NaN (undefined) if none is left.

    Example:
        >>> import torch
        >>> path_consistency(torch.tensor([0, 2, 5, 7]), torch.tensor([0, 3, 5, 7]))
        tensor(0.7500)
    """
    counted = (path_cosine != NO_PARTNER) & (path_euclidean != NO_PARTNER)
    return ((path_cosine == path_euclidean) & counted).sum(-1) / counted.sum(-1)


def mean_path_consistency(consistencies: Values) -> Values:
    """Mean over layers 0..L (..., L + 1) of those where it is defined; NaN (undefined) where it is in none.

    Example:
        >>> import torch
        >>> mean_path_consistency(torch.tensor([1.0, float("nan"), 0.5]))
        tensor(0.7500)
    """
    return mean_of_defined(consistencies)


_BOTH = ("cosine", "euclidean")


def _of_view(view: LayerView, _function: Similarity | None, _path: PathFinder | None) -> torch.Tensor:
    argmax = PATHS.get("argmax")
    cosine, euclidean = (view.path(SIMILARITIES.get(name), argmax) for name in _BOTH)
    return path_consistency(cosine, euclidean)


PATH_CONSISTENCY = Quantity(
    name="path_consistency",
    title="path consistency",
    symbol="consistency",
    level=Level.LAYER,
    sentence="Share of text tokens for which the cosine path and the distance path pick the same speech token.",
    source="paper, section 5.1",
    compute=_of_view,
    range=(0.0, 1.0),
    better=Better.HIGHER,
    needs=frozenset({Need.MATRIX, Need.PATH}),
    over_layers=mean_path_consistency,
    over_layers_words="mean over layers 0..L where it is defined",
    batched=True,
    similarities=_BOTH,
)
