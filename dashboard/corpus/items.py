"""The items of one model; a chosen row is heard and opens in One pair."""

from __future__ import annotations

import streamlit as st

from dashboard.corpus.cache import get_clip, get_item, has_model, pipeline_of, request_of
from dashboard.corpus.context import RunsOnPage
from dashboard.shared.heard_view import show_heard
from dashboard.shared.panel import Panel
from dashboard.shared.plain import plain
from modgap_core.corpus.conditions import PIPELINE
from modgap_core.corpus.read.tables import ScoredRun, answer_table, item_table
from modgap_core.corpus.store.run_folder import RunFolder
from modgap_core.errors import ModGapError

PAGE_OF_PAIRS = "one_pair/page.py"
_MEASURES_SHOWN = ("aps_cosine", "monotonicity_cosine")
_FRACTION = st.column_config.NumberColumn(format="%.2f", help="0 to 1")


@st.fragment
def _show(page: RunsOnPage) -> None:
    folder, run = page.folders[page.picked], page.model
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
    scores = ["score_text", "score_speech", *_MEASURES_SHOWN, *run.slice_columns]
    shown = table[[c for c in (*first, *scores) if c in table]]
    event = st.dataframe(
        shown, hide_index=True, on_select="rerun", selection_mode="single-row", key=f"{run.model}_items", height=380
    )
    rows = event.selection.rows
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


ITEMS = Panel("corpus.items", "Items", 90, _show)
