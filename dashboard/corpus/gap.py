"""GAP, and the scores that it is made of."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.corpus.context import RunsOnPage
from dashboard.corpus.frame import show_frame, table_in_expander
from dashboard.shared.panel import Panel
from dashboard.shared.plain import plain
from modgap_core.corpus.conditions import TEXT_BACKBONE
from modgap_core.corpus.read.tables import (
    ScoredRun,
    agreement_table,
    benchmark_table,
    decomposition_table,
    gap_table,
    scorer_table,
    status_table,
)
from modgap_core.figures import FIGURES, Subject, drawn


@st.fragment
def _show_gap(page: RunsOnPage) -> None:
    if len(page.runs) == 1:
        show_headline(page.runs[0])
    if FIGURES.get("gap").is_empty(page.runs):
        return
    st.subheader("GAP")
    st.caption(
        "GAP = text - speech on the same items, in points; MRR = 100 speech / text of the original text backbone. "
        + plain(_interval_words(page.runs))
    )
    st.plotly_chart(drawn(Subject.RUNS, page.runs, "gap"), key="corpus_gap")
    table_in_expander(
        "GAP, smallest detectable GAP (MDE), sign-flip test, relative GAP and MRR in numbers",
        "corpus_gap_numbers",
        gap_table,
        page.runs,
    )
    _backbone_and_pipeline(page.runs)


def _backbone_and_pipeline(runs: Sequence[ScoredRun]) -> None:
    if any(TEXT_BACKBONE in run.wide for run in runs):
        table_in_expander(
            "Where the gap to the original backbone comes from: forgetting and misalignment",
            "corpus_decomposition",
            decomposition_table,
            runs,
            "Forgetting = original text backbone - text. Misalignment = text - speech, in points, on the items that "
            "all three scored.",
        )
    if any("pipeline" in run.wide for run in runs):
        table_in_expander(
            "Does it fail where an ASR with the same LLM fails? Kappa and error overlap",
            "corpus_agreement",
            agreement_table,
            runs,
            "Cohen's kappa of right and wrong, speech against the pipeline (1: alike, 0: as by chance); error overlap: "
            "items wrong in both over items wrong in either, percent.",
        )


def _interval_words(runs: Sequence[ScoredRun]) -> str:
    """What the intervals rest on: the clusters of each run, said once where all have the same."""
    told = {run.clusters.words: run.model for run in runs}
    if len(told) == 1:
        return f"95 % intervals and tests {next(iter(told))}; C is their number."
    return " ".join(f"{model}: 95 % intervals and tests {words}." for words, model in told.items())


@st.fragment
def _show_scores(page: RunsOnPage) -> None:
    if FIGURES.get("gap").is_empty(page.runs):
        return
    st.subheader("Scores")
    st.caption(
        "Mean of each task's primary scorer, in points: typed, spoken, transcribed by an ASR first (pipeline), and by "
        "the untuned text backbone, all on the same items."
    )
    show_frame(benchmark_table(page.runs))
    if len(page.runs) == 1:
        st.plotly_chart(drawn(Subject.RUNS, page.runs, "scores"), key="corpus_scores")
    table_in_expander(
        "All scorers side by side, and how often they differ from the primary one",
        "corpus_scorers",
        scorer_table,
        page.runs,
    )


def show_headline(run: ScoredRun) -> None:
    """The whole corpus in four numbers, and what failed."""
    failed = status_table(run).query("status == 'failed'")
    for row in failed.itertuples():
        st.warning(plain(f"{row.items} item(s) failed: {row.reason}"), icon=":material/error:")
    table = gap_table(run)
    if table.empty:
        st.info("No item of this run has a scored task, so there is no GAP; give reference and task in the manifest.")
        return
    last = table.iloc[-1]
    told = (
        ("Text", last.text, f"n = {last.n}, C = {last.clusters} by {last.cluster_by}"),
        ("Speech", last.speech, f"right in text only: {last.text_right_speech_wrong}"),
        ("GAP", last.gap, f"{_ends(last, 'gap')}, sign-flip p = {last.p:.2g}, MDE = {last.mde:.1f}"),
        ("MRR", last.mrr, f"{_ends(last, 'mrr')}, over {last.mrr_denominator}"),
    )
    for column, (label, value, note) in zip(st.columns(len(told)), told, strict=True):
        column.metric(label, f"{value:.1f}")
        column.caption(plain(note))


def _ends(row: pd.Series, name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return "no interval (one cluster)" if pd.isna(low) else f"{low:.1f} to {high:.1f}"


GAP = Panel("corpus.gap", "GAP", 10, _show_gap)
SCORES = Panel("corpus.scores", "Scores", 20, _show_scores)
