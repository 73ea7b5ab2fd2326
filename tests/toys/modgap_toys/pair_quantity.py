"""A quantity of the pair: how far the first answer tokens' distributions lie apart."""

import numpy as np

from modgap_core.metrics import Better, Cost, Level, Need, Quantity
from modgap_core.results.pair_view import PairView


def _compute(pair: PairView) -> float:
    speech, text = map(np.exp, pair.logprobs)
    return float(0.5 * np.abs(speech - text).sum())


FIRST_TOKEN_GAP = Quantity(
    name="first_token_gap",
    title="first token gap",
    symbol="TV",
    level=Level.PAIR,
    sentence="Total variation between the distributions of the first answer token after speech and after text.",
    source="toy",
    compute=_compute,
    range=(0.0, 1.0),
    better=Better.LOWER,
    needs=frozenset({Need.LOGITS}),
    cost=Cost.MODERATE,
)
