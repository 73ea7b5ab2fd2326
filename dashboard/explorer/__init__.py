"""The alignment explorer: a Streamlit component that hears, shows and selects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.explorer.payload import ExplorerInput, Marks, explorer_payload

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class ExplorerSelection:
    """What the visitor clicked.

    Attributes:
        start_s: start of the stretch of sound.
        end_s: its end.
        speech_token: i, or None where a text token has no partner.
        text_token: j, or None where only the sound was clicked.
        layer: entry that was shown: 0..L, or L + 1 for layer L after the final norm.
        similarity: name of the similarity function that was shown.
    """

    start_s: float
    end_s: float
    speech_token: int | None
    text_token: int | None
    layer: int
    similarity: str


@cache
def plotly_file() -> str:
    """The file among Streamlit's own modules that brings plotly.js; empty where this Streamlit has no such file.

    The page loads it for its other charts too, under an address that browsers keep for a year.
    """
    found = list((Path(st.__file__).parent / "static" / "static" / "js").glob("PlotlyChart.*.js"))
    return found[0].name if len(found) == 1 else ""


def plotly_source() -> str:
    """plotly.js as the installed plotly package ships it, for a browser that got none from Streamlit."""
    return files("plotly").joinpath("package_data", "plotly.min.js").read_text(encoding="utf-8")


def _component() -> Any:
    read = {kind: (_HERE / f"explorer.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")}
    return st.components.v2.component("modgap_alignment_explorer", html=read["html"], css=read["css"], js=read["js"])


_mount = _component()


def alignment_explorer(
    data: ExplorerInput, *, key: str, layer: int = 0, similarity: str = "cosine", chosen: Marks = ()
) -> ExplorerSelection | None:
    """Show the explorer.

    Args:
        data: the pair.
        key: of the component.
        layer: entry shown first; later the visitor's choice stays.
        similarity: shown first.
        chosen: speech tokens, each with its text token, marked besides the selection.

    Returns:
        The selection, or None.
    """
    asked: Any = st.session_state.get(key) or {}
    result = _mount(
        data={
            **explorer_payload(data, layer, similarity, chosen),
            "plotly_file": plotly_file(),
            "plotly_source": plotly_source() if asked.get("plotly_wanted") else "",
        },
        key=key,
        default={"selection": None, "plotly_wanted": False},
        on_selection_change=lambda: None,
        on_plotly_wanted_change=lambda: None,
    )
    return ExplorerSelection(**result.selection) if result.selection else None
