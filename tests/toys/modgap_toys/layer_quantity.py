"""A quantity without a matrix: how much longer speech states are than text states, at each layer."""

import torch

from modgap_core.metrics import Better, Level, Need, Null, Quantity, similarity_score
from modgap_core.states.layer_view import LayerView


def _compute(view: LayerView, _similarity: None, _path: None) -> torch.Tensor:
    lengths = [states.norm(dim=-1).mean() for states in (view.speech_states, view.text_states)]
    return lengths[0] / lengths[1]


LENGTH_RATIO = Quantity(
    name="length_ratio",
    title="length ratio",
    symbol="|s| / |t|",
    level=Level.LAYER,
    sentence="Mean length of the speech states over that of the text states; 1 where they are equally long.",
    source="toy",
    compute=_compute,
    range=(0.0, None),
    better=Better.NEITHER,
    needs=frozenset({Need.STATES}),
    null=Null.MISMATCHED,
    over_layers=similarity_score,
    over_layers_words="mean over layers 1..L",
)
