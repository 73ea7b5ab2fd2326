"""An intervention's result in a terminal."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from modgap_core.cli.print_pair import number
from modgap_core.interventions.method import USES_WORDS
from modgap_core.interventions.outcome import InterventionResult
from modgap_core.interventions.tables import outcome_table


def print_intervention(result: InterventionResult, console: Console) -> None:
    """Print every run's answer and numbers; user text is printed as it is."""
    p = result.provenance
    console.print(Text(f"{result.name}  |  {p.model} ({p.model_hash}), {p.n_layers} layers, {p.dtype}", style="bold"))
    console.print(Text(f"transcript: {result.transcript}"))
    console.print(Text(f"reference: {result.expected.words or '(none)'}"))
    column = f"aps_{result.similarities[0]}"
    title = column.replace("aps_", "APS ")
    table = Table("run", "answer", "right", "log p", "KL", title, "tokens", "uses", title="Interventions")
    for _, row in outcome_table(result).iterrows():
        right = "" if pd.isna(row.right) else ("yes" if row.right else "no")
        aps = "" if pd.isna(value := row[column]) else number(value)
        cells = (row.run, row.answer, right, number(row.target_logprob, 2), number(row.kl_from_speech), aps)
        table.add_row(*(Text(str(cell)) for cell in cells), str(row.changed_tokens or ""), row.uses)
    console.print(table)
    console.print(
        Text(
            f"log p: log-probability of the answer {result.target!r}. KL: divergence of the first answer token's "
            "distribution from the unedited speech's, in nats. APS: layers 1 to L, L before the final norm."
        )
    )
    console.print(Text(USES_WORDS))
    if result.injected is not None:
        asked = [o.label for o in result.outcomes if result.answers_injected(o)]
        console.print(
            Text(
                f"other-transcript wrote in {result.injected.transcript!r}; typed, the model answers it with "
                f"{result.injected.answer!r}; that answer came from: {', '.join(asked) or 'none of the runs'}."
            )
        )
    for note in result.notes:
        console.print(Text(f"Note: {note}"))
