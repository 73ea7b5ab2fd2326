"""Layer curves of a run: means over items, and a test of each layer against the mismatched pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from modgap_core.corpus.read.tables.scored_run import ScoredRun, built_once
from modgap_core.statistics import max_t


@built_once
def layer_curve_table(run: ScoredRun) -> pd.DataFrame:
    """Mean over items of each layer's quantities, with the 5th and 95th percentile of the layer curves.

    p_cosine and so on: sign-flip test over clusters that the curve differs from that of mismatched pairs;
    p_max_t_cosine and so on: adjusted for there being many layers (max-T). Empty where every item failed.
    """
    if run.results.layers.empty:
        return pd.DataFrame(columns=["entry", *run.results.layer_quantities, "model"])
    grouped = run.results.layers.drop(columns=["row", "id"]).groupby("entry")
    table = grouped.mean()
    for name in run.curves:
        quantiles = grouped[name].quantile(np.array([0.05, 0.95])).unstack()
        table[f"{name}_p05"], table[f"{name}_p95"] = quantiles[0.05], quantiles[0.95]
        if f"null_{name}" in run.results.layers:
            table[f"p_{name}"], table[f"p_max_t_{name}"] = _tests(run, name)
    return table.reset_index().assign(model=run.model)


def _tests(run: ScoredRun, name: str) -> tuple[pd.Series, pd.Series]:
    layers = run.results.layers
    differences = layers.assign(d=layers[name] - layers[f"null_{name}"]).pivot(index="row", columns="entry", values="d")
    items = run.wide.set_index("row").loc[differences.index]
    found = max_t(differences.to_numpy(), run.clusters_of(items.reset_index()))
    p_value, adjusted = (pd.Series(p, index=differences.columns) for p in (found.p_value, found.adjusted))
    return p_value, adjusted
