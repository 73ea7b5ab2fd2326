"""The alignment explorer, and what was clicked in it."""

from __future__ import annotations

import streamlit as st

from dashboard.explorer import ExplorerSelection, alignment_explorer
from dashboard.one_pair.context import PairOnPage
from dashboard.shared.explorer_input import explorer_input
from dashboard.shared.numbers import shown_number
from dashboard.shared.panel import Panel
from dashboard.shared.plain import plain
from modgap_core.plots.style import title_of
from modgap_core.results.pair_result import PairResult


@st.fragment
def _show(page: PairOnPage) -> None:
    st.subheader("Alignment explorer")
    st.caption(
        "Click a cell, a diamond, a word or the waveform to hear that stretch; click again or press Escape to clear. "
        "With the keyboard: left and right step through the layers, space plays."
    )
    selection = alignment_explorer(explorer_input(page.result), key="explorer", layer=page.result.n_layers // 2)
    if selection is not None:
        _selection(page.result, selection, page.after_norm)


def _selection(result: PairResult, selection: ExplorerSelection, after_norm: bool) -> None:
    words = f"{selection.start_s:.2f} s to {selection.end_s:.2f} s"
    if selection.speech_token is None or selection.text_token is None:
        st.markdown(f"**Selected:** {plain(words)}")
        return
    token = result.text_tokens[selection.text_token].text.strip()
    cell = selection.layer, selection.speech_token, selection.text_token
    values = ", ".join(
        f"{title_of(name)} {shown_number(result.values(name).matrix[cell])}" for name in result.similarities
    )
    place = result.layer_labels[selection.layer]
    st.markdown(
        f"**Selected:** speech token {selection.speech_token} ({plain(words)}) and text token "
        f"{selection.text_token} “{plain(token)}”; at layer {plain(place)} {plain(values)}"
    )
    chart = result.plot(
        "cell", speech_token=selection.speech_token, text_token=selection.text_token, after_norm=after_norm
    )
    st.plotly_chart(chart, key="cell_over_layers")


EXPLORER = Panel("one_pair.explorer", "Alignment explorer", 40, _show)
