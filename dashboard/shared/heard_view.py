"""What an ASR heard and what the pipeline answered, on a page."""

from __future__ import annotations

import streamlit as st

from dashboard.shared.heard import NOTHING, PipelineAnswer, heard_words, misheard
from dashboard.shared.plain import plain
from dashboard.shared.verdict import verdict
from modgap_core.scoring.expected import Expected


def show_heard(transcript: str, expected: Expected, pipeline: PipelineAnswer | None) -> None:
    """The ASR's words with the misheard ones marked, and the answer to them; nothing where no ASR was run.

    Args:
        transcript: what is said.
        expected: how answers are judged.
        pipeline: of a corpus run, or None.
    """
    if pipeline is None:
        return
    with st.container(border=True):
        note = "marked: words that were not said" if misheard(transcript, pipeline.heard) else "every word as said"
        st.caption(f"An ASR heard ({note})")
        st.markdown(heard_words(transcript, pipeline.heard))
        st.caption("The model of the corpus run answers what the ASR wrote")
        st.markdown(plain(pipeline.answer) or NOTHING)
        st.caption(plain(verdict(expected.score(transcript, pipeline.answer), expected)))
