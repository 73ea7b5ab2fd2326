"""A quantity of text tokens: the best value that each finds."""

import torch

from modgap_core.metrics import Better, Each, Level, Need, Null, Quantity, Similarity, similarity_score
from modgap_core.states.layer_view import LayerView


def _compute(view: LayerView, similarity: Similarity, _path: None) -> torch.Tensor:
    matrix = view.matrix(similarity)
    return matrix.amax(-2) if similarity.higher_is_better else matrix.amin(-2)


BEST_VALUE = Quantity(
    name="best_value",
    title="best value",
    symbol="max_i A_ij",
    level=Level.TOKEN,
    sentence="The best value that a text token finds among the speech tokens.",
    source="toy",
    compute=_compute,
    each=Each.SIMILARITY,
    better=Better.AS_SIMILARITY,
    needs=frozenset({Need.MATRIX}),
    null=Null.SHUFFLED,
    over_layers=similarity_score,
    over_layers_words="mean over layers 1..L",
)
