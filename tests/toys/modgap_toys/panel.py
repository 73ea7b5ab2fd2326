"""A panel of the page "One pair"."""

import streamlit as st

from dashboard.one_pair.context import PairOnPage
from dashboard.shared.panel import Panel


def _show(page: PairOnPage) -> None:
    st.subheader("Toy panel")
    st.caption(f"{len(page.result.transcript.split())} words, {', '.join(page.result.similarities)}")


WORD_LIST = Panel("one_pair.word_list", "Toy panel", 15, _show, source="toy")
