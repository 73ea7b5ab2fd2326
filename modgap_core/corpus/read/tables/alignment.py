"""Alignment and correctness over the items of a run."""

from __future__ import annotations

import pandas as pd

from modgap_core.corpus.columns import Part
from modgap_core.corpus.conditions import SPEECH, TEXT
from modgap_core.corpus.read.tables.scored_run import ScoredRun, built_once
from modgap_core.statistics import RIGHT, correlation


def alignment_table(run: ScoredRun) -> pd.DataFrame:
    """Means of similarity, APS, monotonicity and their null, for all items and by what was answered right."""
    items = run.wide
    right_text, right_speech = items[TEXT] >= RIGHT, items[SPEECH] >= RIGHT
    wrong_text, wrong_speech = items[TEXT] < RIGHT, items[SPEECH] < RIGHT  # what has no score is neither
    groups = {
        "all": items,
        "speech right": items[right_speech],
        "text right, speech wrong": items[right_text & wrong_speech],
        "both wrong": items[wrong_text & wrong_speech],
    }
    names = [name for name, column in run.results.quantities.items() if column.part != Part.Z]
    rows = [{"model": run.model, "items": g, "n": len(part), **part[names].mean()} for g, part in groups.items()]
    return pd.DataFrame(rows)


@built_once
def correlation_table(run: ScoredRun) -> pd.DataFrame:
    """Over items: how similarity and APS go with a right spoken answer.

    Columns: model, measure, n, clusters, spearman with its interval over clusters (all items pooled), between
    (Spearman of the clusters' means), within (of the deviations from them), point_biserial.
    """
    columns = ["model", "measure", "n", "clusters", "spearman", "spearman_low", "spearman_high", "between", "within"]
    rows = []
    for measure in run.measures:
        both = run.wide.dropna(subset=[measure, SPEECH])
        if len(both) > 1:
            found = correlation(both[measure].to_numpy(), both[SPEECH].to_numpy(), run.clusters_of(both))
            pooled = (found.spearman.value, found.spearman.low, found.spearman.high)
            told = (run.model, measure, found.n, found.n_clusters, *pooled, found.between, found.within)
            rows.append({**dict(zip(columns, told, strict=True)), "point_biserial": found.point_biserial.value})
    return pd.DataFrame(rows, columns=[*columns, "point_biserial"])
