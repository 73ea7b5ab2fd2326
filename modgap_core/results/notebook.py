"""Results as a notebook shows them: answers and the summary, everything escaped."""

from __future__ import annotations

import html
from collections.abc import Mapping

import pandas as pd

from modgap_core.results.pair_result import PairResult


def pair_html(result: PairResult) -> str:
    """Answers and summary of a pair."""
    said = {
        "transcript": result.transcript,
        "answer to the transcript": result.answers.text,
        "answer to the speech": result.answers.speech,
        "right answer": result.answers.expected.words,
    }
    title = f"{result.name} on {result.provenance.model}"
    return card(title, {name: text for name, text in said.items() if text}, result.table("summary"))


def card(title: str, said: Mapping[str, str], table: pd.DataFrame) -> str:
    """A title, lines of text and a table.

    >>> card("<a>", {}, pd.DataFrame({"x": [0.1234]})).count("<a>")
    0
    """
    lines = "".join(f"<div><i>{html.escape(name)}:</i> {html.escape(text)}</div>" for name, text in said.items())
    shown = table.to_html(index=False, na_rep="", float_format=lambda x: f"{x:.3f}", border=0)
    return f"<div><b>{html.escape(title)}</b>{lines}{shown}</div>"
