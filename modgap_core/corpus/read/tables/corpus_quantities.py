"""Quantities of a whole run, those of other packages among them."""

from __future__ import annotations

import pandas as pd

from modgap_core.corpus.read.tables.scored_run import ScoredRun, built_once
from modgap_core.metrics.quantity import QUANTITIES, Level
from modgap_core.statistics import Interval

COLUMNS = ("model", "quantity", "title", "value", "low", "high", "unit", "source")


@built_once
def corpus_quantity_table(run: ScoredRun) -> pd.DataFrame:
    """One row for each quantity of the level corpus, over all items.

    Columns: model, quantity, title, value, low and high (its 95 percent interval over clusters, where the quantity
    gives one), unit, source.
    """
    rows = []
    for quantity in QUANTITIES:
        if quantity.level == Level.CORPUS:
            found = quantity.compute(run)
            ends = (found.value, found.low, found.high) if isinstance(found, Interval) else (float(found), None, None)
            rows.append((run.model, quantity.name, quantity.title, *ends, quantity.unit, quantity.source))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"value": float, "low": float, "high": float})
