"""Both answers, and what a visitor has to know first."""

from __future__ import annotations

import streamlit as st

from dashboard.one_pair.context import AFTER_NORM, PairOnPage
from dashboard.shared.heard_view import show_heard
from dashboard.shared.model_cache import get_notes
from dashboard.shared.panel import Panel
from dashboard.shared.plain import plain
from dashboard.shared.verdict import verdict
from dashboard.shared.words import EXPLANATIONS
from modgap_core.results.pair_result import PairResult


def _show(page: PairOnPage) -> None:
    result = page.result
    for warning in (*result.warnings, *(get_notes(result.provenance.model) if page.warn_voices else ())):
        st.warning(plain(warning), icon=":material/info:")
    _answers(result)
    show_heard(result.transcript, result.answers.expected, page.pipeline)


def _ask_after_norm(_page: PairOnPage) -> None:
    """The switch for layer L after the final norm."""
    st.toggle("Layer L after the final norm", key=AFTER_NORM, bind="query-params", help=EXPLANATIONS["final norm"])


def _answers(result: PairResult) -> None:
    st.markdown(f"**Transcript:** {plain(result.transcript)}")
    heard, read = st.columns(2)
    for column, label, answer in (
        (heard, "Answer to the speech", result.answers.speech),
        (read, "Answer to the transcript", result.answers.text),
    ):
        with column.container(border=True):
            st.caption(label)
            st.markdown(f"#### {plain(answer) or '(no words)'}")
            st.caption(plain(verdict(result.score(answer), result.answers.expected)))


ANSWERS = Panel("one_pair.answers", "Both answers", 10, _show)
AFTER_NORM_SWITCH = Panel("one_pair.after_norm", "Layer L after the final norm", 15, _ask_after_norm)
