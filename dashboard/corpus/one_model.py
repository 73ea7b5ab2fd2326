"""One model by itself: its headline, interventions, alignment and correctness."""

from __future__ import annotations

import streamlit as st

from dashboard.corpus.context import RunsOnPage
from dashboard.corpus.frame import show_frame, table_in_expander
from dashboard.corpus.gap import show_headline
from dashboard.corpus.regression import measure_words
from dashboard.shared.lazy_expander import lazy_expander
from dashboard.shared.panel import Panel
from modgap_core.corpus.read.tables import (
    alignment_table,
    corpus_quantity_table,
    correlation_table,
    intervention_table,
)
from modgap_core.figures import FIGURES, Subject, drawn
from modgap_core.interventions.method import USES_WORDS
from modgap_core.metrics.quantity import QUANTITIES
from modgap_core.plots.of_runs import default_measure


def _show_headline(page: RunsOnPage) -> None:
    if len(page.runs) > 1:
        show_headline(page.model)


@st.fragment
def _show_interventions(page: RunsOnPage) -> None:
    run = page.model
    if FIGURES.get("interventions").is_empty([run]):
        return
    st.subheader("Interventions")
    st.caption(
        "Edits of the spoken prompt's states at the LLM input (paper, section 5.3), with controls. " + USES_WORDS
    )
    st.plotly_chart(drawn(Subject.RUNS, [run], "interventions"), key=f"{run.model}_gain")
    table_in_expander(
        "Interventions by task: gain, sign-flip test, Holm's p over the table, answers to another question",
        f"{run.model}_gain_numbers",
        lambda model: intervention_table(model).dropna(axis=1, how="all"),
        [run],
    )


@st.fragment
def _show_outcome(page: RunsOnPage) -> None:
    run = page.model
    if FIGURES.get("outcome").is_empty([run]):
        return
    st.subheader("Alignment and correctness")
    first, key = run.measures.index(default_measure([run])), f"{run.model}_measure"
    measure = str(st.selectbox("Quantity of an item", run.measures, first, key=key, format_func=measure_words))
    st.plotly_chart(drawn(Subject.RUNS, [run], "outcome", measure=measure), key=f"{run.model}_outcome")

    def draw() -> None:
        show_frame(correlation_table(run))
        show_frame(alignment_table(run))

    lazy_expander("Correlations over items, and means by outcome", f"{run.model}_correlations", draw)


def _show_further(page: RunsOnPage) -> None:
    if set(QUANTITIES.names()) > set(QUANTITIES.own_names()):
        table_in_expander(
            "Quantities of the run, those of other packages among them",
            "corpus_quantities",
            corpus_quantity_table,
            page.runs,
        )


ONE_MODEL = Panel("corpus.one_model", "One model", 50, _show_headline)
INTERVENTIONS_PANEL = Panel("corpus.interventions", "Interventions", 60, _show_interventions)
OUTCOME = Panel("corpus.outcome", "Alignment and correctness", 80, _show_outcome)
FURTHER = Panel("corpus.further_quantities", "Quantities of the run", 85, _show_further)
