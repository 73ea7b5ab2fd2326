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
    rows = summary_table(result)
    for words, (value, low, high, z) in zip(
        rows.quantity, rows[["value", "null_low", "null_high", "z_score"]].to_numpy(dtype=float), strict=True
    ):
        band = "" if math.isnan(low) else f"{low:.3f} to {high:.3f}"
        table.add_row(words, number(value), band, "" if math.isnan(z) else f"{z:+.1f}")
    return table


def _layers(result: PairResult) -> Table:
    shown = result.measured.layers
    table = Table("layer", *(name.replace("_", " ") for name in shown), title="Layers")
    for entry, label in enumerate(result.layer_labels):
        table.add_row(label, *(number(float(values.values[entry])) for values in shown.values()))
    return table
