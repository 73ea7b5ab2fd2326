"""A sweep: many settings of one pair, each scored by the log-probability of the target answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import pandas as pd

from modgap_core.errors import InterventionError
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.prepared_pair import PreparedPair
from modgap_core.interventions.run import score_plans, target_ids
from modgap_core.interventions.token_choice import ALL, TokenChoice
from modgap_core.models.speech_lm import SpeechLM

MAX_SETTINGS = 5_000
BATCH = 32


@dataclass(frozen=True)
class Grid:
    """The settings of a sweep: every combination.

    Attributes:
        methods: interventions.
        ks: numbers of worst aligned tokens; 0 means all tokens of the path.
        edit_layers: layers, one at a time.
        strengths: 0 to 1.
        path_layer: as in `Condition`.
    """

    methods: tuple[str, ...] = ("angle", "length", "both")
    ks: tuple[int, ...] = (1, 3, 5, 0)
    edit_layers: tuple[int, ...] = (0,)
    strengths: tuple[float, ...] = (0.25, 0.5, 0.75, 1.0)
    path_layer: int | None = None

    def conditions(self) -> list[Condition]:
        """All settings in a fixed order.

        Raises:
            InterventionError: none, or more than `MAX_SETTINGS`.
        """
        n = math.prod(map(len, (self.methods, self.ks, self.edit_layers, self.strengths)))
        if not 0 < n <= MAX_SETTINGS:
            raise InterventionError(f"The sweep has {n} settings; choose between 1 and {MAX_SETTINGS}.")
        return [
            Condition(method, TokenChoice(k=k) if k else TokenChoice(ALL), strength, self.path_layer, (layer,))
            for method, k, layer, strength in product(self.methods, self.ks, self.edit_layers, self.strengths)
        ]


def sweep(
    model: SpeechLM,
    pair: PreparedPair,
    conditions: Sequence[Condition],
    target: str,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[list[float]]:
    """Log-probabilities of the target, batch by batch, so that the caller can show progress and stop.

    Args:
        model: runs once for each `BATCH` settings.
        pair: from `prepare_pair`.
        conditions: the settings.
        target: the answer to follow.
        stopped: asked before each batch; True ends the sweep there.

    Yields:
        The values of the next settings, in order; all of them unless it was stopped.

    Raises:
        InterventionError: the target has no token, or a setting does not fit the pair.
    """
    if len(target_ids(model, target)) == 0:
        raise InterventionError(
            "There is no answer whose log-probability a sweep could follow; give a reference answer."
        )
    plans = [pair.plan(condition) for condition in conditions]
    for first in range(0, len(plans), BATCH):
        if stopped():
            return
        part = plans[first : first + BATCH]
        yield score_plans(model, pair, part, target).logprobs.tolist()


def sweep_table(conditions: Sequence[Condition], logprobs: Sequence[float]) -> pd.DataFrame:
    """One row a setting.

    Columns: ``method``, ``tokens``, ``k`` (0 is all), ``edit_layer``, ``strength``, ``path_layer`` (empty is
    the mean over layers), ``target_logprob`` (natural logarithm).
    """
    rows = [
        {
            "method": c.method,
            "tokens": c.tokens.label,
            "k": 0 if c.tokens.kind == ALL else c.tokens.k,
            "edit_layer": c.edit_layers[0],
            "strength": c.strength,
            "path_layer": c.path_layer,
            "target_logprob": value,
        }
        for c, value in zip(conditions, logprobs, strict=True)
    ]
    return pd.DataFrame(rows).astype({"path_layer": "Int64"})
