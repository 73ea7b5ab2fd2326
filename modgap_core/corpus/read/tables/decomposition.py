"""Where the gap to the original backbone comes from: forgetting and misalignment (SALAD, arXiv 2510.13632)."""

from __future__ import annotations

import pandas as pd

from modgap_core.corpus.conditions import SPEECH, TEXT, TEXT_BACKBONE
from modgap_core.corpus.read.tables.scored_run import ScoredRun, built_once
from modgap_core.statistics import paired_difference

_PARTS = {
    "gap_to_backbone": (TEXT_BACKBONE, SPEECH),
    "forgetting": (TEXT_BACKBONE, TEXT),
    "misalignment": (TEXT, SPEECH),
}
COLUMNS = (
    "model",
    "task",
    "n",
    "clusters",
    *(f"{name}{end}" for name in _PARTS for end in ("", "_low", "_high", "_p")),
)


@built_once
def decomposition_table(run: ScoredRun) -> pd.DataFrame:
    """Gap to the backbone = forgetting + misalignment, in points, on the items that all three conditions scored.

    forgetting = original text backbone - text: what tuning for speech cost; misalignment = text - speech: what
    listening costs. Each with its interval over clusters and its sign-flip test. No row without ``--backbone``.
    """
    rows = []
    for task, part in run.by_task() if TEXT_BACKBONE in run.wide else ():
        scored = part.dropna(subset=[TEXT_BACKBONE, TEXT, SPEECH])
        if len(scored):
            rows.append({"model": run.model, "task": task, **_row(run, scored)})
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(run: ScoredRun, scored: pd.DataFrame) -> dict[str, float]:
    row: dict[str, float] = {"n": len(scored)}
    for name, (one, other) in _PARTS.items():
        found = paired_difference(scored[one].to_numpy(), scored[other].to_numpy(), run.clusters_of(scored))
        value = found.difference
        row |= {"clusters": found.n_clusters, name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
        row[f"{name}_p"] = found.p_value
    return row
