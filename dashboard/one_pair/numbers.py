"""The pair in a few numbers, and all of them by layer."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.one_pair.context import PairOnPage
from dashboard.shared.numbers import shown_number
from dashboard.shared.panel import Panel
from dashboard.shared.plain import plain
from dashboard.shared.words import explanation_of
from modgap_core.results.tables import layer_table, summary_table

_HEADLINE = {
    "aps_cosine": "APS cosine",
    "aps_euclidean": "APS Euclidean",
    "cosine_similarity": "similarity score",
    "monotonicity_cosine": "monotonicity",
    "path_consistency": "path consistency",
}
"""Columns that stand in the first row where they were measured, and what they are called there."""
_IN_A_ROW = 5


def _show(page: PairOnPage) -> None:
    table = summary_table(page.result, page.after_norm).set_index("column")
    standard = [column for column in _HEADLINE if column in table.index]
    further = [column for column in table.index if _is_further(column, page)]
    columns = [*standard, *further]
    for first in range(0, len(columns), _IN_A_ROW):
        row = columns[first : first + _IN_A_ROW]
        for place, column in zip(st.columns(_IN_A_ROW), row, strict=False):
            label = _HEADLINE.get(column, column.replace("_", " "))
            place.metric(label, shown_number(table.value[column]), help=explanation_of(column, page.result, label))
            place.caption(plain(_null_words(table.loc[column])))


def _is_further(column: str, page: PairOnPage) -> bool:
    """Whether it was measured beyond a default run."""
    if column in page.result.measured.pair:
        return True
    from modgap_core.corpus.columns import item_quantities
    from modgap_core.metrics import Measures

    return column not in item_quantities(Measures())


def _null_words(row: pd.Series) -> str:
    if pd.isna(row.null_low):
        return ""
    z = "" if pd.isna(row.z_score) else f", z = {row.z_score:+.1f}"
    return f"null {row.null_low:.3f} to {row.null_high:.3f}{z}"


def _show_all(page: PairOnPage) -> None:
    with st.expander("All numbers by layer"):
        st.dataframe(layer_table(page.result), hide_index=True)


NUMBERS = Panel("one_pair.numbers", "The pair in a few numbers", 20, _show)
ALL_NUMBERS = Panel("one_pair.all_numbers", "All numbers by layer", 70, _show_all)
