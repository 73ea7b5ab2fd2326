"""Quantities of the pair alone, computed when its layers are measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from modgap_core.errors import ModGapError
from modgap_core.metrics import QUANTITIES, Level, Measures, Need
from modgap_core.models.encoded import Encoded
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.results.measured import Measured
from modgap_core.results.pair_view import PairView


def with_pair_quantities(view: PairView, measures: Measures) -> Measured:
    """What was measured, and the chosen quantities of the pair.

    Raises:
        ModGapError: a quantity needs word times, and none were given; or it returned no number.
    """
    found = {}
    for key in measures.keys_of(Level.PAIR):
        quantity = QUANTITIES.get(key.quantity)
        if Need.WORD_TIMES in quantity.needs and not view.word_times:
            raise ModGapError(
                f"The quantity {quantity.name!r} needs the times of the words, but none came with the clip; give "
                "word_times, or leave the quantity out."
            )
        value = quantity.compute(view)
        if np.ndim(value) != 0:
            raise ModGapError(
                f"The quantity {quantity.name!r} returned the shape {np.shape(value)} for a pair; it must be one "
                "number."
            )
        found[quantity.column()] = float(value)
    return replace(view.measured, pair=found) if found else view.measured


def first_logprobs(model: SpeechLM, encoded: Encoded) -> NDArray[np.float32]:
    """(B, V) log-probabilities of the first answer token; one prefill."""
    logprobs: torch.Tensor = model.logits(encoded).float().log_softmax(-1)
    return logprobs.cpu().numpy()
