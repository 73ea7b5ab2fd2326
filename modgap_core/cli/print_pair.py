"""A result in a terminal."""

from __future__ import annotations

import math

from rich.console import Console
from rich.table import Table
from rich.text import Text

from modgap_core.results.pair_result import PairResult
from modgap_core.results.tables import summary_table

UNDEFINED = "undefined"


def print_result(result: PairResult, console: Console) -> None:
    """Print answers, summary and layers; user text is printed as it is, never read as markup."""
    p = result.provenance
    head = (
        f"{result.name}  |  {p.model} ({p.model_hash}), {p.n_layers} layers, {p.ms_per_token:g} ms a token, {p.dtype}"
    )
    console.print(Text(head, style="bold"))
    for label, said in (
        ("transcript", result.transcript),
        ("answer to text", _judged(result, result.answers.text)),
        ("answer to speech", _judged(result, result.answers.speech)),
        ("reference", result.answers.expected.words),
    ):
        if said:
            console.print(Text(f"{label:>17}: {said}"))
    console.print(_summary(result))
    console.print(_layers(result))
    for warning in result.warnings:
        console.print(Text(f"Note: {warning}"))


def _judged(result: PairResult, answer: str) -> str:
    return f"{answer}{judged(result.score(answer).is_right)}"


def judged(right: bool | None) -> str:
    """A verdict behind an answer; nothing where there is none.

    >>> judged(True), judged(False), judged(None)
    (' (right)', ' (wrong)', '')
    """
    return "" if right is None else f" ({'right' if right else 'wrong'})"


def number(value: float, digits: int = 3) -> str:
    """A number, or the word undefined.

    >>> number(0.12345), number(float("nan"))
    ('0.123', 'undefined')
    """
    return UNDEFINED if math.isnan(value) else f"{value:.{digits}f}"


def _summary(result: PairResult) -> Table:
    table = Table("quantity", "value", "null, 5 to 95 %", "z", title="Summary (layer L before the final norm)")
    for row in summary_table(result).itertuples():
        band = "" if math.isnan(row.null_low) else f"{row.null_low:.3f} to {row.null_high:.3f}"
        table.add_row(row.quantity, number(row.value), band, "" if math.isnan(row.z_score) else f"{row.z_score:+.1f}")
    return table


def _layers(result: PairResult) -> Table:
    shown = result.measured.layers
    table = Table("layer", *(name.replace("_", " ") for name in shown), title="Layers")
    for entry, label in enumerate(result.layer_labels):
        table.add_row(label, *(number(float(values.values[entry])) for values in shown.values()))
    return table
