"""An edited run beside text and unedited speech."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from dashboard.interventions.runs_table import show_downloads, show_injected
from dashboard.shared.plain import plain
from dashboard.shared.verdict import compared_with, verdict
from dashboard.shared.word_difference import marked_differences
from dashboard.shared.words import EXPLANATIONS
from modgap_core.interventions.method import USES_WORDS
from modgap_core.interventions.outcome import InterventionResult, Outcome
from modgap_core.plots.style import title_of

_SHORT = {"euclidean": "Euclidean"}
_MOST_IN_A_ROW = 4


def compare(result: InterventionResult, edited: Outcome) -> None:
    """Answers, numbers, layer curves, matrices and the first answer token, before and after."""
    for note in result.notes:
        st.info(plain(note))
    _answers(result, edited)
    if edited.condition is not None:
        st.caption(plain(f"What this edit uses: {edited.condition.edit.uses}. {USES_WORDS}"))
        if edited.condition.edit.other_transcript:
            show_injected(result)
    _numbers(result, edited)
    st.subheader("Layer curves, before and after")
    curves = result.plot("edited_curves", edited=edited)
    st.plotly_chart(curves, key="iv_curves")
    st.subheader("Similarity matrix, before and after")
    names = result.similarities
    name = st.segmented_control(
        "Similarity function", names, default=names[0], format_func=title_of, key="iv_similarity"
    )
    matrices = result.plot("matrix_change", edited=edited, similarity=name or names[0])
    st.plotly_chart(matrices, key="iv_matrices")
    st.subheader("First token of the answer")
    tokens = result.plot("first_token", edited=edited)
    st.plotly_chart(tokens, key="iv_tokens_chart")
    figures = {"edited_curves": curves, "matrix_change": matrices, "first_token": tokens}
    show_downloads(result, {name: partial(go.Figure, figure) for name, figure in figures.items()}, "one")


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
    columns = st.columns(max(_MOST_IN_A_ROW, 2 + len(result.similarities)))
    columns[0].metric(
        "log p of the target",
        f"{edited.target_logprob:.2f}",
        f"{edited.target_logprob - before.target_logprob:+.2f}",
        help=EXPLANATIONS["target"],
    )
    columns[1].metric("KL from unedited speech", f"{edited.kl_from_speech:.3g}", help=EXPLANATIONS["KL"])
    for column, name in zip(columns[2:], result.similarities, strict=False):
        value, higher = edited.aps(name), edited.measured is None or edited.measured.higher_is_better(name)
        change, colour = f"{value - before.aps(name):+.3f}", "normal" if higher else "inverse"
        column.metric(f"APS {_SHORT.get(name, name)}", f"{value:.3f}", change, delta_color=colour)  # type: ignore[arg-type]
