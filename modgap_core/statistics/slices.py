"""GAP within each value of a slice (accent, speaker, length ...)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from modgap_core.statistics.gap import gap
from modgap_core.statistics.interval import StatisticsError
from modgap_core.statistics.multiple_comparisons import benjamini_hochberg

COLUMNS = ("n", "clusters", "text", "speech", "gap", "gap_low", "gap_high", "mde", "p", "p_bh", "relative_gap")
"""Columns of the table beside the slice's own."""


def by_slice(
    frame: pd.DataFrame, slice_column: str, text_column: str, speech_column: str, clusters: Sequence[str] = ()
) -> pd.DataFrame:
    """One row a value of the slice; items without a value make a row of their own.

    Args:
        frame: one row an item.
        slice_column: what to slice by.
        text_column: score with text input, a fraction 0..1, NaN where there is none.
        speech_column: score with speech input.
        clusters: columns of cluster names; the slice's own column is none, since within a slice it says nothing.

    Returns:
        Columns: the slice's, n (items with both scores), clusters (C), text and speech (points), gap, gap_low and
        gap_high (points, 95 percent interval over clusters; NaN for one cluster), mde (points), p (sign-flip test over
        clusters), p_bh (the same by Benjamini and Hochberg over the slices of this column) and relative_gap (percent
        of text; NaN where the text score is 0). A slice without any item that has both scores has n = 0 and NaN.

    Raises:
        StatisticsError: a column is missing, or a score lies outside 0..1.

    Example:
        >>> items = pd.DataFrame({"accent": ["usa", "usa", "ind"], "text": [1, 1, 1], "speech": [1, 1, 0]})
        >>> by_slice(items, "accent", "text", "speech")[["accent", "n", "gap"]].values.tolist()
        [['ind', 1, 100.0], ['usa', 2, 0.0]]
    """
    missing = [c for c in (slice_column, text_column, speech_column, *clusters) if c not in frame]
    if missing:
        known = ", ".join(map(str, frame.columns))
        raise StatisticsError(f"The table has no column {', '.join(map(repr, missing))}; choose from {known}.")
    within = [column for column in clusters if column != slice_column]
    groups = frame.groupby(slice_column, dropna=False, observed=True)
    rows = [{slice_column: name, **_row(part, text_column, speech_column, within)} for name, part in groups]
    table = pd.DataFrame(rows, columns=[slice_column, *COLUMNS])
    return table.assign(p_bh=benjamini_hochberg(table.p.astype(float)))


def _row(part: pd.DataFrame, text: str, speech: str, clusters: Sequence[str]) -> dict[str, float]:
    both = part[part[text].notna() & part[speech].notna()]
    if both.empty:
        return {"n": 0, "clusters": 0, **dict.fromkeys(COLUMNS[2:], np.nan)}
    scores = both[[text, speech]].to_numpy(dtype=float, na_value=np.nan).T
    found = gap(scores[0], scores[1], [both[column].to_numpy() for column in clusters])
    paired = found.paired
    told = (paired.n, paired.n_clusters, found.text, found.speech, found.gap.value, found.gap.low, found.gap.high)
    tests = (paired.mde, paired.p_value, np.nan, found.relative_gap.value)
    return dict(zip(COLUMNS, (*told, *tests), strict=True))
