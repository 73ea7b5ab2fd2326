"""Interventions on the page: choose, see what is chosen, run, compare; the paper's table; a sweep."""

from __future__ import annotations

from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from modgap_core.plots.edited_curves import edited_curves
from modgap_core.plots.first_token import first_token
from modgap_core.plots.matrix_change import matrix_change
from dashboard.shared.downloads import show_figure, show_table
from dashboard.shared.model_cache import get_notes
from dashboard.explorer import alignment_explorer
from dashboard.shared.explorer_input import explorer_input
from dashboard.shared.exports import intervention_zip
from dashboard.interventions.controls import Span, choose_condition, pick_from, take_picked
from dashboard.interventions.cache import get_intervention, n_editable
from dashboard.shared.plain import plain
from dashboard.shared.request import PairRequest
from dashboard.interventions.sweep_view import show_sweep, take_loaded_setting
from dashboard.shared.verdict import compared_with, verdict
from dashboard.shared.word_difference import marked_differences
from dashboard.shared.words import EXPLANATIONS
from modgap_core.interventions.chosen_tokens import chosen_tokens
from modgap_core.interventions.method import USES_WORDS, Method
from modgap_core.interventions.outcome import InterventionResult, Outcome
from modgap_core.interventions.paper_table import table_conditions
from modgap_core.interventions.tables import curve_table, outcome_table
from modgap_core.interventions.token_choice import PICKED
from modgap_core.metrics.metric import Metric
from modgap_core.results.pair_result import PairResult

_NAMES = {Metric.COSINE: "cosine", Metric.EUCLIDEAN: "Euclidean"}
_TABLE_COLUMNS: dict[str, Any] = {
    "run": "run",
    "answer": "answer",
    "right": "right",
    "target_logprob": st.column_config.NumberColumn("log p of the target", format="%.2f"),
    "kl_from_speech": st.column_config.NumberColumn("KL from speech", format="%.3g"),
    "aps_cosine": st.column_config.NumberColumn("APS cosine", format="%.3f"),
    "aps_euclidean": st.column_config.NumberColumn("APS Euclidean", format="%.2f"),
    "changed_tokens": "tokens changed",
    "uses": "the edit uses",
    "answers_injected": "other question",
}
_NUMBERS = ["target_logprob", "kl_from_speech", "aps_cosine", "aps_euclidean", "changed_tokens"]
_ROW_PX = 35
"""What Streamlit gives a row: all rows of the table are seen at once."""


def show_interventions(request: PairRequest, pair: PairResult) -> None:
    """The whole page below its title."""
    st.markdown(f"**Transcript:** {plain(pair.transcript)}")
    if not request.expected.words:
        for note in get_notes(pair.provenance.model):
            st.caption(plain(note))
    one, table, sweep = st.tabs(["One intervention", "The paper's table", "Sweep"])
    with one:
        _one(request, pair)
    with table:
        _table(request)
    with sweep:
        show_sweep(request, pair)


@st.fragment
def _one(request: PairRequest, pair: PairResult) -> None:
    take_picked()
    take_loaded_setting()
    condition = choose_condition(Span(pair.n_layers, n_editable(request.model), len(pair.speech_spans_s)))
    pairs = () if condition is None else chosen_tokens(pair.cosine.matrix, condition)
    st.caption("Marked below: the speech tokens that will change, and underlined the words they are turned to.")
    marks = tuple((p.speech, p.text) for p in pairs)
    selection = alignment_explorer(explorer_input(pair), key="iv_explorer", layer=pair.n_layers // 2, chosen=marks)
    if st.session_state["iv_tokens"] == PICKED and pick_from(selection):
        st.rerun(scope="fragment")
    if condition is None:
        return
    if not pairs:
        st.info("No speech token has a defined alignment here, so there is nothing to change.")
    if st.button("Run", type="primary", key="iv_run"):
        st.session_state["iv_wanted"] = condition
    if st.session_state.get("iv_wanted") == condition:
        result = get_intervention(request, [condition])
        _compare(result, result.edited[0])
    else:
        st.caption(plain(f"Ready to run: {condition.label}, {len(pairs)} speech token(s)."))


def _compare(result: InterventionResult, edited: Outcome) -> None:
    for note in result.notes:
        st.info(plain(note))
    _answers(result, edited)
    if edited.condition is not None:
        st.caption(plain(f"What this edit uses: {edited.condition.method.uses}. {USES_WORDS}"))
        if edited.condition.method == Method.OTHER_TRANSCRIPT:
            _injected(result)
    _numbers(result, edited)
    st.subheader("Layer curves, before and after")
    curves = edited_curves(result, edited)
    st.plotly_chart(curves, key="iv_curves")
    st.subheader("Similarity matrix, before and after")
    metric = st.segmented_control("Similarity function", list(Metric), default=Metric.COSINE, key="iv_metric")
    matrices = matrix_change(result, edited, metric or Metric.COSINE)
    st.plotly_chart(matrices, key="iv_matrices")
    st.subheader("First token of the answer")
    tokens = first_token(result.text, result.speech, edited)
    st.plotly_chart(tokens, key="iv_tokens_chart")
    _downloads(result, {"edited_curves": curves, "matrix_change": matrices, "first_token": tokens}, "one")


def _answers(result: InterventionResult, edited: Outcome) -> None:
    other, what = compared_with(result)
    for column, label, outcome in zip(
        st.columns(3),
        ("Answer to the transcript", "Answer to the speech", "Answer to the edited speech"),
        (result.text, result.speech, edited),
        strict=True,
    ):
        with column.container(border=True):
            st.caption(label)
            st.markdown(f"#### {marked_differences(outcome.answer, other) or '(no words)'}")
            st.caption(plain(verdict(result.score(outcome), result.expected)))
    st.caption(f"Marked: words that differ from the {what}.")


def _numbers(result: InterventionResult, edited: Outcome) -> None:
    before = result.speech
    columns = st.columns(4)
    columns[0].metric(
        "log p of the target",
        f"{edited.target_logprob:.2f}",
        f"{edited.target_logprob - before.target_logprob:+.2f}",
        help=EXPLANATIONS["target"],
    )
    columns[1].metric("KL from unedited speech", f"{edited.kl_from_speech:.3g}", help=EXPLANATIONS["KL"])
    for column, metric in zip(columns[2:], Metric, strict=True):
        value, colour = edited.aps(metric), "normal" if metric.higher_is_better else "inverse"
        column.metric(f"APS {_NAMES[metric]}", f"{value:.3f}", f"{value - before.aps(metric):+.3f}", delta_color=colour)  # type: ignore[arg-type]


@st.fragment
def _table(request: PairRequest) -> None:
    st.caption(
        "Text, speech, the paper's four settings and eight controls in one batch. Random tokens, a random direction "
        "and calibration show what any change of that size does; identity must change nothing. " + USES_WORDS
    )
    if st.button("Run the table", type="primary", key="iv_run_table"):
        st.session_state["iv_table_wanted"] = True
    if not st.session_state.get("iv_table_wanted"):
        return
    result = get_intervention(request, table_conditions())
    for note in result.notes:
        st.info(plain(note))
    _runs(result)
    _downloads(result, {}, "table")


def show_saved(result: InterventionResult) -> None:
    """A result that `modgap intervene` wrote."""
    st.markdown(f"**Transcript:** {plain(result.transcript)}")
    _runs(result)
    if not result.edited:
        return
    edited = st.selectbox("Run to compare", result.edited, format_func=lambda outcome: outcome.label, key="iv_saved")
    _compare(result, edited)


def _runs(result: InterventionResult) -> None:
    table = outcome_table(result)
    st.dataframe(
        table[["run", "answer", "right", "answers_injected", "uses", *_NUMBERS]],
        hide_index=True,
        column_config=_TABLE_COLUMNS,
        height=_ROW_PX * (len(table) + 1) + 3,
    )
    st.caption(plain(f"Target answer: {result.target}. APS over layers 1..L, L before the final norm."))
    _injected(result)


def _injected(result: InterventionResult) -> None:
    if result.injected is None:
        return
    st.caption(
        plain(
            f'other-transcript wrote in "{result.injected.transcript}"; typed, the model answers it with '
            f'"{result.injected.answer}". Where that is the answer to the edited speech, the edit carried the words.'
        )
    )


def _downloads(result: InterventionResult, figures: dict[str, go.Figure], key: str) -> None:
    with st.expander("Downloads"):
        st.download_button(
            "Whole result (zip)",
            lambda: intervention_zip(result),
            "modgap_intervention.zip",
            key=f"{key}.zip",
            on_click="ignore",
        )
        show_table("runs", outcome_table(result), key)
        show_table("layers_by_run", curve_table(result), key)
        for name, figure in figures.items():
            show_figure(name, partial(go.Figure, figure), key)
