"""Whether the model fails where the pipeline of ASR and LLM fails (arXiv 2602.17598)."""

from __future__ import annotations

import pandas as pd

from modgap_core.corpus.conditions import PIPELINE, PIPELINE_BACKBONE, SPEECH
from modgap_core.corpus.read.tables.scored_run import ScoredRun, built_once
from modgap_core.statistics import agreement

COLUMNS = (
    "model",
    "task",
    "speech_against",
    "n",
    "clusters",
    "kappa",
    "kappa_low",
    "kappa_high",
    "error_overlap",
    "error_overlap_low",
    "error_overlap_high",
)


@built_once
def agreement_table(run: ScoredRun) -> pd.DataFrame:
    """Cohen's kappa (-1..1) of right and wrong, and the error overlap (percent), of speech and each pipeline.

    Intervals over clusters. No row without ``--asr``.
    """
    rows = []
    for task, part in run.by_task():
        for other in (PIPELINE, PIPELINE_BACKBONE):
            both = part.dropna(subset=[SPEECH, other]) if other in part else part.head(0)
            if len(both):
                rows.append(dict(zip(COLUMNS, (run.model, task, other, *_row(both, other, run)), strict=True)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(both: pd.DataFrame, other: str, run: ScoredRun) -> tuple[float, ...]:
    found = agreement(both[SPEECH].to_numpy(), both[other].to_numpy(), run.clusters_of(both))
    kappa, overlap = found.kappa, found.error_overlap
    ends = (kappa.value, kappa.low, kappa.high, overlap.value, overlap.low, overlap.high)
    return (found.n, found.n_clusters, *ends)
