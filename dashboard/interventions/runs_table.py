"""All runs of an intervention in a table, and as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard.shared.downloads import show_figure, show_table
from dashboard.shared.exports import intervention_zip
from dashboard.shared.plain import plain
from modgap_core.interventions.outcome import InterventionResult
from modgap_core.interventions.tables import TABLES_OF_INTERVENTION, outcome_table

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
_ROW_PX = 35
"""What Streamlit gives a row: all rows of the table are seen at once."""


def show_runs(result: InterventionResult) -> None:
    """Every run's answer and numbers."""
    table = outcome_table(result)
    numbers = ["target_logprob", "kl_from_speech", *(f"aps_{name}" for name in result.similarities), "changed_tokens"]
    st.dataframe(
        table[["run", "answer", "right", "answers_injected", "uses", *numbers]],
        hide_index=True,
        column_config=_TABLE_COLUMNS,
        height=_ROW_PX * (len(table) + 1) + 3,
    )
    st.caption(plain(f"Target answer: {result.target}. APS over layers 1..L, L before the final norm."))
    show_injected(result)


def show_injected(result: InterventionResult) -> None:
    """The other question that was written in; nothing where none was."""
    if result.injected is None:
        return
    st.caption(
        plain(
            f'other-transcript wrote in "{result.injected.transcript}"; typed, the model answers it with '
            f'"{result.injected.answer}". Where that is the answer to the edited speech, the edit carried the words.'
        )
    )


def show_downloads(result: InterventionResult, figures: Mapping[str, Callable[[], go.Figure]], key: str) -> None:
    """The result, its tables and the figures as files."""
    with st.expander("Downloads"):
        st.download_button(
            "Whole result (zip)",
            lambda: intervention_zip(result),
            "modgap_intervention.zip",
            key=f"{key}.zip",
            on_click="ignore",
        )
        for name, title in (("runs", "runs"), ("layers", "layers_by_run")):
            show_table(title, partial(TABLES_OF_INTERVENTION[name], result), key)
        for name, draw in figures.items():
            show_figure(name, draw, key)
