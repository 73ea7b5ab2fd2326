"""The page "Corpus" below its title: tables, figures, items."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from modgap_core.corpus.conditions import PIPELINE
from modgap_core.plots.corpus_gap import gain_bars, gap_bars, score_bars
from modgap_core.plots.corpus_layers import FEW, corpus_layer_curves
from modgap_core.plots.corpus_regression import gap_regression, measure_by_outcome
from dashboard.corpus.cache import get_clip, get_item, has_model, pipeline_of, request_of
from dashboard.shared.downloads import show_figure, show_table
from dashboard.shared.heard_view import show_heard
from dashboard.shared.plain import plain
from modgap_core.report import report_html
from modgap_core.corpus.read.model_regression import partial_words, regression_words, regressions
from modgap_core.corpus.read.tables import (
    MEASURES,
    TABLES_OF_RUN,
    ScoredRun,
    agreement_table,
    alignment_table,
    answer_table,
    benchmark_table,
    correlation_table,
    decomposition_table,
    gap_table,
    intervention_table,
    item_table,
    layer_curve_table,
    model_table,
    score_table,
    scorer_table,
    slice_table,
    status_table,
)
from modgap_core.errors import ModGapError
from modgap_core.interventions.method import USES_WORDS

if TYPE_CHECKING:
    from modgap_core.corpus.store.run_folder import RunFolder

_TAG_HELP = "Tags of the runs, given by modgap corpus --tag family=qwen --tag tuning=lora."
PAGE_OF_PAIRS = "screens/one_pair.py"
_FRACTION = st.column_config.NumberColumn(format="%.2f", help="0 to 1")
_IN_POINTS = ("score", "gap", "gain", "text", "speech", "relative", "mrr", "disagreement", "share")
"""Beginnings of the columns that hold points or percent."""


def show_models(runs: Sequence[ScoredRun]) -> None:
    """GAP, layer curves and regression over all chosen models."""
    _gap_and_scores(runs)
    st.subheader("Layer curves")
    st.caption(
        "Mean over the items, with the 5th to 95th percentile of the items; dotted: pairs that do not belong together."
        if len(runs) <= FEW
        else "Mean over the items of each model, from dark to light in the order of the models."
    )
    st.plotly_chart(corpus_layer_curves([layer_curve_table(run) for run in runs]), key="corpus_layers")
    _regression(runs)


def _gap_and_scores(runs: Sequence[ScoredRun]) -> None:
    table = pd.concat([gap_table(run) for run in runs], ignore_index=True)
    if table.empty:
        return
    st.subheader("GAP")
    st.caption(
        "GAP = text - speech on the same items, in points; MRR = 100 speech / text of the original text backbone. "
        + plain(_interval_words(runs))
    )
    bars, label = (table, "task") if len(runs) == 1 else (table.groupby("model", sort=False).tail(1), "model")
    st.plotly_chart(gap_bars(bars, label), key="corpus_gap")
    with st.expander("GAP, smallest detectable GAP (MDE), sign-flip test, relative GAP and MRR in numbers"):
        _frame(table)
    _backbone_and_pipeline(runs)
    st.subheader("Scores")
    st.caption(
        "Mean of each task's primary scorer, in points: typed, spoken, transcribed by an ASR first (pipeline), and by "
        "the untuned text backbone, all on the same items."
    )
    _frame(benchmark_table(runs))
    if len(runs) == 1:
        scores = score_table(runs[0])
        last = scores[(scores.task == scores.task.iloc[-1]) & ~scores.condition.isin(runs[0].interventions)]
        st.plotly_chart(score_bars(last), key="corpus_scores")
    with st.expander("All scorers side by side, and how often they differ from the primary one"):
        _frame(pd.concat([scorer_table(run) for run in runs], ignore_index=True))


def _interval_words(runs: Sequence[ScoredRun]) -> str:
    """What the intervals rest on: the clusters of each run, said once where all have the same."""
    told = {run.clusters.words: run.model for run in runs}
    if len(told) == 1:
        return f"95 % intervals and tests {next(iter(told))}; C is their number."
    return " ".join(f"{model}: 95 % intervals and tests {words}." for words, model in told.items())


def _backbone_and_pipeline(runs: Sequence[ScoredRun]) -> None:
    _table_in_expander(
        "Where the gap to the original backbone comes from: forgetting and misalignment",
        "Forgetting = original text backbone - text. Misalignment = text - speech, in points, on the items that all "
        "three scored.",
        [decomposition_table(run) for run in runs],
    )
    _table_in_expander(
        "Does it fail where an ASR with the same LLM fails? Kappa and error overlap",
        "Cohen's kappa of right and wrong, speech against the pipeline (1: alike, 0: as by chance); error overlap: "
        "items wrong in both over items wrong in either, percent.",
        [agreement_table(run) for run in runs],
    )


def _table_in_expander(title: str, words: str, parts: Sequence[pd.DataFrame]) -> None:
    """Nothing where no run has a row."""
    table = pd.concat(parts, ignore_index=True)
    if len(table):
        with st.expander(title):
            st.caption(words)
            _frame(table)


def _regression(runs: Sequence[ScoredRun]) -> None:
    st.subheader("GAP against alignment, over models")
    st.caption("Does better alignment go with a smaller gap (paper, figures 5 and 7)? One point a model or checkpoint.")
    if len(runs) < 2:
        st.info(
            "Choose runs with several models or checkpoints above, such as modgap-mini-transcribing and "
            "modgap-mini-answering: modgap-mini at 16 steps of its training."
        )
        return
    left, right = st.columns(2)
    measure = str(left.selectbox("Quantity", MEASURES, 2, key="corpus_measure", format_func=_words))
    table = model_table(runs)
    tags = list(dict.fromkeys(name for run in runs for name in run.tags))
    by = str(right.selectbox("Separately by", ["", *tags], key="corpus_by", help=_TAG_HELP)) if tags else ""
    found = regressions(table, measure, by)
    st.plotly_chart(gap_regression(table, measure, {k: fit for k, (fit, _) in found.items()}, by), key="corpus_fit")
    for name, (fit, why_not) in found.items():
        told = why_not if fit is None else f"{regression_words(fit)} {partial_words(table, measure)}"
        st.caption(plain(f"{name}: {told}"))
    for same in table[table.same_as != ""].itertuples():
        st.caption(plain(f"{same.model} is the same model as {same.same_as}, so it is no point of its own."))
    _frame(table)


def _words(measure: object) -> str:
    return str(measure).replace("_", " ")


def show_model(run: ScoredRun) -> None:
    """One model: interventions, slices, alignment and correctness."""
    _interventions(run)
    _slices(run)
    st.subheader("Alignment and correctness")
    measure = str(st.selectbox("Quantity of an item", MEASURES, 2, key=f"{run.model}_measure", format_func=_words))
    st.plotly_chart(measure_by_outcome(run.wide, measure), key=f"{run.model}_outcome")
    with st.expander("Correlations over items, and means by outcome"):
        _frame(correlation_table(run))
        _frame(alignment_table(run))


def _status(run: ScoredRun) -> None:
    failed = status_table(run).query("status == 'failed'")
    for row in failed.itertuples():
        st.warning(plain(f"{row.items} item(s) failed: {row.reason}"), icon=":material/error:")


def show_headline(run: ScoredRun) -> None:
    """The whole corpus in four numbers, and what failed."""
    _status(run)
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


def _interventions(run: ScoredRun) -> None:
    table = intervention_table(run)
    if table.empty:
        return
    st.subheader("Interventions")
    st.caption(
        "Edits of the spoken prompt's states at the LLM input (paper, section 5.3), with controls. " + USES_WORDS
    )
    last = table[table.task == table.task.iloc[-1]]
    st.plotly_chart(gain_bars(last), key=f"{run.model}_gain")
    with st.expander(
        "Interventions by task: gain, sign-flip test, Holm's p over the table, answers to another question"
    ):
        _frame(table.dropna(axis=1, how="all"))


def _slices(run: ScoredRun) -> None:
    table = slice_table(run)
    if table.empty:
        return
    st.subheader("Slices")
    chosen = st.selectbox("Slice", list(dict.fromkeys(table["slice"])), key=f"{run.model}_slice")
    part = table[table["slice"] == chosen]
    st.plotly_chart(gap_bars(part, "value"), key=f"{run.model}_slices")
    with st.expander("Numbers of the slices"):
        _frame(part)


def _frame(table: pd.DataFrame) -> None:
    config = {
        name: st.column_config.NumberColumn(format="%.1f" if name.startswith(_IN_POINTS) else "%.3f")
        for name in table.select_dtypes("float").columns
    }
    st.dataframe(table, hide_index=True, column_config=config)


def show_items(folder: RunFolder, run: ScoredRun) -> None:
    """The items; a chosen row opens "One pair"."""
    st.subheader("Items")
    st.caption(
        "Text right and speech wrong first; click a column to sort, the magnifier searches. Choose a row to hear it "
        "and to open it in One pair."
    )
    table = item_table(run)
    toggle, column, value = st.columns(3, vertical_alignment="bottom")
    if toggle.toggle("Only text right, speech wrong", key=f"{run.model}_only"):
        table = table[(table["score_text"] >= 0.5) & (table["score_speech"] < 0.5)]
    by = column.selectbox("Filter by", ("", "task", "status", *run.slice_columns), key=f"{run.model}_filter")
    if by:
        kept = value.selectbox("Value", sorted(table[by].unique()), key=f"{run.model}_value")
        table = table[table[by] == kept]
    first = ["id", "task", "transcript", "reference", "answer_text", "answer_speech", f"answer_{PIPELINE}"]
    scores = ["score_text", "score_speech", "aps_cosine", "monotonicity_cosine", *run.slice_columns]
    shown = table[[c for c in (*first, *scores) if c in table]]
    event = st.dataframe(
        shown, hide_index=True, on_select="rerun", selection_mode="single-row", key=f"{run.model}_items", height=380
    )
    rows = event.selection.rows  # type: ignore[attr-defined]
    if rows:
        _opened(folder, run, int(table.iloc[rows[0]]["row"]))


def _opened(folder: RunFolder, run: ScoredRun, row: int) -> None:
    try:
        item, clip = get_item(folder, row), get_clip(folder, row)
    except ModGapError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.markdown(f"**{plain(item.id)}**: {plain(item.transcript)}")
    st.audio(clip.wav_bytes())
    if item.reference:
        choices = item.details.get("choices", ())
        told = [f"{letter}: {text}" for letter, text in zip("ABCDEFGHIJ", choices, strict=False)]
        st.caption(plain(f"Right answer: {item.reference}" + (f" of {'; '.join(told)}" if told else "")))
    show_heard(item.transcript, item.expected, pipeline_of(run, row))
    st.dataframe(answer_table(run, row), hide_index=True, column_config={"score": _FRACTION})
    if not has_model(run.place):
        st.caption(plain(f"The folder of {run.model} is not on this machine, so One pair cannot run it."))
        return
    request = request_of(folder, run, row)
    if st.button("Open in One pair", key=f"{run.model}_open", icon=":material/open_in_new:"):
        st.session_state.update(corpus_item=request, open_corpus_item=True, open_model=request.model)
        st.switch_page(PAGE_OF_PAIRS)


def show_exports(runs: Sequence[ScoredRun]) -> None:
    """Every table and figure, and the report."""
    with st.expander("Downloads"):
        st.download_button(
            "Report (one HTML file)", partial(report_html, runs), "modgap_report.html", on_click="ignore"
        )
        gaps = pd.concat([gap_table(run) for run in runs], ignore_index=True)
        if len(gaps):
            show_figure("gap", lambda: gap_bars(gaps.assign(bar=gaps.model + ", " + gaps.task), "bar"), "corpus")
        show_figure("layer_curves", lambda: corpus_layer_curves([layer_curve_table(r) for r in runs]), "corpus")
        for run in runs:
            st.markdown(f"**{plain(run.model)}**")
            for name, build in TABLES_OF_RUN.items():
                show_table(f"{run.model}_{name}", partial(build, run), "corpus")
            scores = score_table(run)
            if len(scores):
                of_all = scores[scores.task == scores.task.iloc[-1]]
                show_figure("scores", partial(score_bars, of_all), f"corpus{run.model}")
            gains = intervention_table(run)
            if len(gains):
                last = gains[gains.task == gains.task.iloc[-1]]
                show_figure("interventions", partial(gain_bars, last), f"corpus{run.model}")
            show_figure("outcome", partial(measure_by_outcome, run.wide, "aps_cosine"), f"corpus{run.model}")
