"""What the sidebar holds while a page without it is shown: Streamlit forgets the widgets that it does not draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

_KEPT = "kept_uploads"
_WIDGETS = (
    *("model_choice", "model_name", "input", "example", "upload_transcript", "record_transcript", "sentence", "voice"),
    *("rate_wpm", "pitch", "spoken_transcript", "result_folder", "similarities", "paths", "quantities"),
)


@dataclass(frozen=True)
class Kept:
    """A file that a visitor gave."""

    name: str
    data: bytes


def kept_upload(key: str, given: Any) -> Kept | None:
    """The file that is given now, or was before another page was shown; None if neither, or if it was taken out.

    Args:
        key: of the widget.
        given: what the widget returns.
    """
    kept: dict[str, Kept] = st.session_state.setdefault(_KEPT, {})
    came_back = st.session_state.pop(f"{key}_away", False)
    if given is not None:
        kept[key] = Kept(given.name, given.getvalue())
    elif key in kept and not came_back and st.session_state.get(f"{key}_held", False):
        kept.pop(key)  # its cross was clicked
    st.session_state[f"{key}_held"] = given is not None
    return kept.get(key)


def hold() -> None:
    """Keep the sidebar's state through a page that does not show it."""
    for name in _WIDGETS:
        if name in st.session_state:
            st.session_state[name] = st.session_state[name]
    for key in st.session_state.get(_KEPT, {}):
        st.session_state[f"{key}_away"] = True
