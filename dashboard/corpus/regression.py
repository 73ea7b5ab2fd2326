"""GAP against alignment, over models."""

from __future__ import annotations

import streamlit as st

from dashboard.corpus.cache import fitted
from dashboard.corpus.context import RunsOnPage
from dashboard.corpus.frame import show_frame
from dashboard.shared.panel import Panel
from dashboard.shared.plain import plain
from modgap_core.corpus.read.model_regression import partial_words, regression_words
from modgap_core.corpus.read.tables import model_table
from modgap_core.corpus.read.tables.models import measures_of
from modgap_core.plots.corpus_regression import gap_regression
from modgap_core.plots.of_runs import default_measure

_TAG_HELP = "Tags of the runs, given by modgap corpus --tag family=qwen --tag tuning=lora."


def measure_words(measure: object) -> str:
    """A quantity's column in words.

    >>> measure_words("aps_cosine")
    'aps cosine'
    """
    return str(measure).replace("_", " ")


@st.fragment
def _show(page: RunsOnPage) -> None:
    st.subheader("GAP against alignment, over models")
    st.caption("Does better alignment go with a smaller gap (paper, figures 5 and 7)? One point a model or checkpoint.")
    if len(page.runs) < 2:
        st.info(
            "Choose runs with several models or checkpoints above, such as modgap-mini-transcribing and "
            "modgap-mini-answering: modgap-mini at 16 steps of its training."
        )
        return
    left, right = st.columns(2)
    measures = measures_of(page.runs)
    first = measures.index(default_measure(page.runs))
    measure = str(left.selectbox("Quantity", measures, first, key="corpus_measure", format_func=measure_words))
    tags = list(dict.fromkeys(name for run in page.runs for name in run.tags))
    by = str(right.selectbox("Separately by", ["", *tags], key="corpus_by", help=_TAG_HELP)) if tags else ""
    table = model_table(page.runs)
    found = fitted(table, measure, by)
    fits = {name: fit for name, (fit, _) in found.items()}
    st.plotly_chart(gap_regression(table, measure, fits, by), key="corpus_fit")
    for name, (fit, why_not) in found.items():
        told = why_not if fit is None else f"{regression_words(fit)} {partial_words(table, measure)}"
        st.caption(plain(f"{name}: {told}"))
    for same in table[table.same_as != ""].itertuples():
        st.caption(plain(f"{same.model} is the same model as {same.same_as}, so it is no point of its own."))
    show_frame(table)


REGRESSION = Panel("corpus.regression", "GAP against alignment, over models", 40, _show)
