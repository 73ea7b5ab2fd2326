"""Similarity score of a model: the mean of a layer curve (paper, section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modgap_core.metrics.layers import Values
from modgap_core.metrics.path import PathFinder
from modgap_core.metrics.quantity import SIMILARITY_SCORE, Better, Each, Level, Need, Null, Quantity
from modgap_core.metrics.similarity import Similarity

if TYPE_CHECKING:
    import torch

    from modgap_core.states.layer_view import LayerView


def similarity_score(curve: Values) -> Values:
    """Mean of a layer curve (..., L + 1) over layers 1..L; layer 0 is the LLM input and not part of it.

    Example:
        >>> import torch
        >>> similarity_score(torch.tensor([9.0, 0.25, 0.75]))
        tensor(0.5000)
    """
    return curve[..., 1:].mean(-1)  # type: ignore[no-any-return]


def layer_curve(view: LayerView, function: Similarity, _path: PathFinder | None) -> torch.Tensor:
    """One point of the layer curve: f of the mean-pooled states."""
    return function.of_means(view.speech_mean, view.text_mean)


SIMILARITY = Quantity(
    name=SIMILARITY_SCORE,
    title="similarity score",
    symbol="f(m_s, m_t)",
    level=Level.LAYER,
    sentence="Speech and text states averaged over their tokens, compared layer by layer; the mean over layers 1..L is "
    "the similarity score.",
    source="paper, section 4",
    compute=layer_curve,
    each=Each.SIMILARITY,
    better=Better.AS_SIMILARITY,
    needs=frozenset({Need.STATES}),
    null=Null.MISMATCHED,
    over_layers=similarity_score,
    over_layers_words="mean over layers 1..L",
    layer_name="curve",
    layer_title="layer curve",
    batched=True,
)
