"""An intervention's result as tables."""

from __future__ import annotations

import pandas as pd

from modgap_core.errors import ModGapError
from modgap_core.interventions.outcome import InterventionResult, Outcome
from modgap_core.results.tables import layer_column


def outcome_table(result: InterventionResult) -> pd.DataFrame:
    """One row a run.

    Columns: ``run``, ``answer``, ``right`` (by the task's primary scorer; empty where it cannot tell),
    ``target_logprob`` (natural logarithm), ``kl_from_speech`` (nats), ``changed_tokens``, ``undefined_tokens``,
    ``uses`` (what the edit's states are made of; empty for text and speech), ``answers_injected`` (whether it answers
    the question of the other transcript; empty where none was), and ``aps_cosine`` and so on for each similarity
    function (empty for text).
    """
    return pd.DataFrame([_row(result, outcome) for outcome in result.outcomes])


def _row(result: InterventionResult, outcome: Outcome) -> dict[str, object]:
    return {
        "run": outcome.label,
        "answer": outcome.answer,
        "right": result.score(outcome).is_right,
        "target_logprob": outcome.target_logprob,
        "kl_from_speech": outcome.kl_from_speech,
        **{f"aps_{name}": outcome.aps(name) for name in result.similarities},
        "changed_tokens": len(outcome.pairs) - len(outcome.undefined),
        "undefined_tokens": len(outcome.undefined),
        "uses": outcome.condition.edit.uses if outcome.condition else "",
        "answers_injected": result.answers_injected(outcome),
    }


def curve_table(result: InterventionResult) -> pd.DataFrame:
    """One row a run (without text) and layer: every quantity of layers, as a run's table of layers names it."""
    parts = [_layers(outcome, result.provenance.n_layers) for outcome in result.outcomes[1:]]
    return pd.concat(parts, ignore_index=True)


def _layers(outcome: Outcome, last: int) -> pd.DataFrame:
    columns: dict[str, object] = {
        "run": outcome.label,
        "layer": [*range(last + 1), last],
        "after_final_norm": [False] * (last + 1) + [True],
    }
    if outcome.measured is not None:
        columns |= {layer_column(values): values.values for values in outcome.measured.layers.values()}
    return pd.DataFrame(columns)


def table_of_intervention(result: InterventionResult, name: str) -> pd.DataFrame:
    """A table by its name.

    Raises:
        ModGapError: there is no such table.
    """
    if name not in TABLES_OF_INTERVENTION:
        raise ModGapError(
            f"There is no table {name!r} of an intervention; choose from {', '.join(TABLES_OF_INTERVENTION)}."
        )
    return TABLES_OF_INTERVENTION[name](result)


TABLES_OF_INTERVENTION = {"runs": outcome_table, "layers": curve_table}
