"""Which speech tokens of a pair a condition changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from modgap_core.interventions.condition import Condition
from modgap_core.interventions.token_choice import TokenPair, choose_tokens
from modgap_core.metrics import alignment_path


def path_scores(matrices: NDArray[np.float32], path_layer: int | None) -> NDArray[np.float32]:
    """Cosine A (Ts, Tt) of a layer, or its mean over layers 1..L (L before the final norm).

    Args:
        matrices: (N, Ts, Tt) cosine A_l of the unedited run, N = L + 2.
        path_layer: 0..L, or None for the mean.
    """
    chosen: NDArray[Any] = matrices[1:-1].mean(axis=0) if path_layer is None else matrices[path_layer]
    return chosen


def chosen_tokens(matrices: NDArray[np.float32], condition: Condition) -> tuple[TokenPair, ...]:
    """The speech tokens that a condition changes, with the text tokens they are turned to.

    Args:
        matrices: (N, Ts, Tt) cosine A_l of the unedited run, N = L + 2.
        condition: the intervention.

    Raises:
        InterventionError: a layer or a picked token is not there.
    """
    n_layers = len(matrices) - 2
    condition.check_layers(n_layers, range(n_layers))
    scores = path_scores(matrices, condition.path_layer)
    pairs = choose_tokens(condition.tokens, scores, alignment_path(torch.from_numpy(scores), "cosine").numpy())
    turn = condition.edit.turn
    return pairs if turn is None else turn(pairs, scores.shape[1])
