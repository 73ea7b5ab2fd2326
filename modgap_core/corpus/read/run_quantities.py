"""ModGap's quantities of a whole run, as the last row of its table of GAP has them: over all items."""

from __future__ import annotations

import math

from modgap_core.corpus.read.tables.gap_table import gap_table
from modgap_core.corpus.read.tables.scored_run import ScoredRun
from modgap_core.metrics.quantity import Better, Level, Quantity
from modgap_core.statistics.interval import Interval


def _of_gap_table(run: ScoredRun, column: str) -> Interval:
    """A column of the last row, with its interval; undefined where no item has both scores."""
    table = gap_table(run)
    if table.empty:
        return Interval(math.nan, math.nan, math.nan)
    last = table.iloc[-1]
    return Interval(float(last[column]), float(last[f"{column}_low"]), float(last[f"{column}_high"]))


GAP = Quantity(
    name="gap",
    title="GAP",
    symbol="GAP",
    level=Level.CORPUS,
    sentence="Score with text input minus score with speech input, on the same items, in points, with a 95 % bootstrap "
    "interval over clusters.",
    source="paper, section 4",
    compute=lambda run: _of_gap_table(run, "gap"),
    unit="points",
    range=(-100.0, 100.0),
    better=Better.LOWER,
)
RELATIVE_GAP = Quantity(
    name="relative_gap",
    title="relative GAP",
    symbol="GAP / M_t",
    level=Level.CORPUS,
    sentence="GAP as a share of the text score.",
    source="ours",
    compute=lambda run: _of_gap_table(run, "relative_gap"),
    unit="percent",
    range=(None, 100.0),
    better=Better.LOWER,
)
MRR = Quantity(
    name="mrr",
    title="MRR",
    symbol="MRR",
    level=Level.CORPUS,
    sentence="100 times the speech score over the text score of the original text backbone; where none was run, over "
    "the model's own, and the page says so.",
    source="TARS, arXiv 2601.05543",
    compute=lambda run: _of_gap_table(run, "mrr"),
    unit="percent",
    range=(0.0, None),
    better=Better.HIGHER,
)
