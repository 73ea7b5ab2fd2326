"""Expanders whose content costs nothing until they are opened."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def lazy_expander(title: str, key: str, draw: Callable[[], None]) -> None:
    """An expander; its content is drawn when it is open.

    Args:
        title: on it.
        key: of its state.
        draw: draws the content.
    """
    expander = st.expander(title, key=key, on_change="rerun")
    if expander.open:
        with expander:
            draw()
