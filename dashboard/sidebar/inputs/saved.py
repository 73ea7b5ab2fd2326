"""A result that was saved."""

from __future__ import annotations

import streamlit as st

from dashboard.shared.plain import plain
from dashboard.shared.saved_result import SavedResult
from dashboard.sidebar.input_source import InputSource
from dashboard.sidebar.kept import kept_upload


def _choose(_model: str) -> SavedResult | None:
    """A zip, or the path of a folder or zip on this machine; None until one is given."""
    given = st.sidebar.file_uploader("Zip saved under Downloads", type="zip", key="result_zip")
    path = st.sidebar.text_input(
        "or a folder written by modgap analyze --out or modgap intervene --out", key="result_folder"
    )
    if path and given is None:
        return SavedResult(path)
    kept = kept_upload("result_zip", given)
    if kept is None:
        return None
    if given is None:
        st.sidebar.caption(plain(f"Still {kept.name}, uploaded before; another upload replaces it."))
    return SavedResult(kept.name, kept.data)


SAVED = InputSource(
    "saved",
    "Saved result",
    "Upload the zip of a result in the sidebar, or type the path of a result folder.",
    _choose,
    gives_saved=True,
)
