"""An intervention's result as tables."""

from __future__ import annotations

import pandas as pd

from modgap_core.interventions.outcome import InterventionResult, Outcome
from modgap_core.metrics.metric import Metric


def outcome_table(result: InterventionResult) -> pd.DataFrame:
    """One row a run.

    Columns: ``run``, ``answer``, ``right`` (by the task's primary scorer; empty where it cannot tell),
    ``target_logprob`` (natural logarithm), ``kl_from_speech`` (nats), ``aps_cosine``, ``aps_euclidean`` (empty for
    text), ``changed_tokens``, ``undefined_tokens``, ``uses`` (what the edit's states are made of; empty for text and
    speech), ``answers_injected`` (whether it answers the question of the other transcript; empty where none was).
    """
    return pd.DataFrame([_row(result, outcome) for outcome in result.outcomes])


def _row(result: InterventionResult, outcome: Outcome) -> dict[str, object]:
    return {
        "run": outcome.label,
        "answer": outcome.answer,
        "right": result.score(outcome).is_right,
        "target_logprob": outcome.target_logprob,
        "kl_from_speech": outcome.kl_from_speech,
        "aps_cosine": outcome.aps(Metric.COSINE),
        "aps_euclidean": outcome.aps(Metric.EUCLIDEAN),
        "changed_tokens": len(outcome.pairs) - len(outcome.undefined),
        "undefined_tokens": len(outcome.undefined),
        "uses": outcome.condition.method.uses if outcome.condition else "",
        "answers_injected": result.answers_injected(outcome),
    }


def curve_table(result: InterventionResult) -> pd.DataFrame:
    """One row a run (without text) and layer: curves, monotonicity and APS terms of both functions."""
    parts = [_layers(outcome, result.provenance.n_layers) for outcome in result.outcomes[1:]]
    return pd.concat(parts, ignore_index=True)


def _layers(outcome: Outcome, last: int) -> pd.DataFrame:
    columns: dict[str, object] = {
        "run": outcome.label,
        "layer": [*range(last + 1), last],
        "after_final_norm": [False] * (last + 1) + [True],
    }
    for metric in Metric:
        values = outcome.values(metric)
        if values is not None:
            columns |= {
                f"{metric}_curve": values.curve,
                f"{metric}_monotonicity": values.monotonicity,
                f"{metric}_aps_term": values.aps_terms,
            }
    return pd.DataFrame(columns)
