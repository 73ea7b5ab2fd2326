"""GAP and MRR of a run by task."""

from __future__ import annotations

import pandas as pd

from modgap_core.corpus.conditions import SPEECH, TEXT, TEXT_BACKBONE
from modgap_core.corpus.read.tables.scored_run import ScoredRun, built_once
from modgap_core.statistics import gap, mrr


@built_once
def gap_table(run: ScoredRun) -> pd.DataFrame:
    """GAP = text - speech by task, with its interval over clusters, MDE, sign-flip test and MRR (paper, table 2).

    Columns: model, task, n (items with both scores), clusters (C), cluster_by, text, speech, gap, gap_low, gap_high,
    mde (points), p (sign-flip test over clusters), relative_gap (percent) with its ends, text_right_speech_wrong,
    speech_right_text_wrong (items), mrr (percent) with its ends, mrr_denominator.
    """
    rows = [_row(run, task, part) for task, part in run.by_task() if len(part[[TEXT, SPEECH]].dropna())]
    return pd.DataFrame(rows)


def _row(run: ScoredRun, task: str, part: pd.DataFrame) -> dict[str, object]:
    found = gap(part[TEXT].to_numpy(), part[SPEECH].to_numpy(), run.clusters_of(part))
    return {
        "model": run.model,
        "task": task,
        "n": found.paired.n,
        "clusters": found.paired.n_clusters,
        "cluster_by": run.clusters.label,
        "text": found.text,
        "speech": found.speech,
        "gap": found.gap.value,
        "gap_low": found.gap.low,
        "gap_high": found.gap.high,
        "mde": found.paired.mde,
        "p": found.paired.p_value,
        "relative_gap": found.relative_gap.value,
        "relative_gap_low": found.relative_gap.low,
        "relative_gap_high": found.relative_gap.high,
        "text_right_speech_wrong": found.paired.only_a,
        "speech_right_text_wrong": found.paired.only_b,
        **_mrr_columns(run, part),
    }


def _mrr_columns(run: ScoredRun, part: pd.DataFrame) -> dict[str, float | str]:
    has_backbone = TEXT_BACKBONE in part and not part[[SPEECH, TEXT_BACKBONE]].dropna().empty
    below = TEXT_BACKBONE if has_backbone else TEXT
    name = "original text backbone" if below == TEXT_BACKBONE else "the model itself (no --backbone was run)"
    found = mrr(part[SPEECH].to_numpy(), part[below].to_numpy(), name, run.clusters_of(part))
    return {"mrr": found.mrr.value, "mrr_low": found.mrr.low, "mrr_high": found.mrr.high, "mrr_denominator": name}
