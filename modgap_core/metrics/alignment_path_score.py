"""Alignment Path Score, APS (paper, section 5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modgap_core.metrics.alignment_path import path_values
from modgap_core.metrics.layers import Values
from modgap_core.metrics.path import PathFinder
from modgap_core.metrics.quantity import Better, Each, Level, Need, Null, Quantity
from modgap_core.metrics.similarity import Similarity

if TYPE_CHECKING:
    import torch

    from modgap_core.states.layer_view import LayerView


def aps_terms(values: torch.Tensor, path: torch.Tensor) -> torch.Tensor:
    """The term of each layer: 1/Tt sum_j A_l[i*_j, j].

    Args:
        values: (..., Ts, Tt) A_l.
        path: (..., Tt) alignment path of the same layer.

    Returns:
        (...,); text tokens without a partner are left out, NaN (undefined) if none is left.
    """
    return path_values(values, path).nanmean(-1)


def terms_of_path(values: torch.Tensor, path: torch.Tensor, _function: Similarity) -> torch.Tensor:
    """`aps_terms` as a `PathFinder` takes it."""
    return aps_terms(values, path)


def alignment_path_score(terms: Values) -> Values:
    """APS = 1/L sum_{l=1..L} of the terms; layer 0 is the LLM input and not part of it.

    Args:
        terms: (..., L + 1) of layers 0..L.

    Returns:
        (...,); for cosine higher is better, for distance lower is better.

    Example:
        >>> import torch
        >>> alignment_path_score(torch.tensor([9.0, 0.25, 0.75]))
        tensor(0.5000)
    """
    return terms[..., 1:].mean(-1)  # type: ignore[no-any-return]


def _terms(view: LayerView, function: Similarity, path: PathFinder) -> torch.Tensor:
    return view.terms(function, path)


APS = Quantity(
    name="aps",
    title="Alignment Path Score",
    symbol="APS",
    level=Level.LAYER,
    sentence="How near each text token is to its speech token on the path, mean over layers 1..L.",
    source="paper, section 5.2",
    compute=_terms,
    each=Each.PATH,
    better=Better.AS_SIMILARITY,
    needs=frozenset({Need.MATRIX, Need.PATH}),
    null=Null.MISMATCHED,
    over_layers=alignment_path_score,
    over_layers_words="mean over layers 1..L",
    layer_name="aps_term",
    layer_title="APS term",
    batched=True,
)
