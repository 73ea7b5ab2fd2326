"""Save and load an intervention's result; the same files as a pair's (see `modgap_core.results.store`)."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from modgap_core.interventions.condition import Condition
from modgap_core.interventions.outcome import Injected, InterventionResult, NextToken, Outcome
from modgap_core.interventions.tables import curve_table
from modgap_core.interventions.token_choice import TokenChoice, TokenPair
from modgap_core.provenance import Provenance
from modgap_core.results.format_1 import measured_of_format_1
from modgap_core.results.measured import Measured
from modgap_core.results.measured_store import check_shapes, measured_arrays, read_measured, told_of
from modgap_core.results.store import judged_by, read_arrays, read_expected, read_header, reading, write_folder
from modgap_core.tokens import TextToken

FORMAT, OLD_FORMAT = "modgap-intervention-2", "modgap-intervention-1"
_PLAIN = ("label", "answer", "undefined", "target_logprob", "kl_from_speech")


def save_intervention(result: InterventionResult, folder: str | Path) -> Path:
    """Write a result; an existing one in the folder is replaced.

    Raises:
        ResultError: the folder cannot be written.
    """
    header = {
        "format": FORMAT,
        "name": result.name,
        "transcript": result.transcript,
        "reference": result.reference,
        **judged_by(result.expected),
        "target": result.target,
        "notes": list(result.notes),
        "injected": None if result.injected is None else dataclasses.asdict(result.injected),
        "text_tokens": [dataclasses.asdict(token) for token in result.text_tokens],
        "provenance": dataclasses.asdict(result.provenance),
        "outcomes": [_outcome_header(outcome, result.score(outcome).is_right) for outcome in result.outcomes],
    }
    arrays: dict[str, NDArray[Any]] = {"speech_spans_s": result.speech_spans_s}
    for row, outcome in enumerate(result.outcomes):
        arrays |= _outcome_arrays(outcome, row)
    return write_folder(folder, header, curve_table(result), arrays, result.samples)


def load_intervention(folder: str | Path) -> InterventionResult:
    """Read a result folder.

    Raises:
        ResultError: it is missing, incomplete, broken or of another format.
    """
    with reading(folder):
        header = read_header(folder, FORMAT, OLD_FORMAT)
        arrays, samples = read_arrays(folder)
        return InterventionResult(
            provenance=Provenance(**header["provenance"]),
            name=header["name"],
            transcript=header["transcript"],
            samples=samples,
            text_tokens=tuple(TextToken(**token) for token in header["text_tokens"]),
            speech_spans_s=arrays["speech_spans_s"],
            expected=read_expected(header, header["reference"]),
            target=header["target"],
            outcomes=tuple(_outcome(part, arrays, row) for row, part in enumerate(header["outcomes"])),
            notes=tuple(header["notes"]),
            injected=Injected(**header["injected"]) if header.get("injected") else None,
        )


def _outcome_header(outcome: Outcome, right: bool | None) -> dict[str, Any]:
    return {name: getattr(outcome, name) for name in _PLAIN} | {
        "right": right,
        "quantities": {} if outcome.measured is None else told_of(outcome.measured),
        "condition": None if outcome.condition is None else dataclasses.asdict(outcome.condition),
        "pairs": [dataclasses.asdict(pair) for pair in outcome.pairs],
        "top_tokens": [dataclasses.asdict(token) for token in outcome.top_tokens],
    }


def _outcome_arrays(outcome: Outcome, row: int) -> dict[str, NDArray[Any]]:
    return {} if outcome.measured is None else measured_arrays(outcome.measured, f"{row}.")


def _outcome(part: dict[str, Any], arrays: dict[str, NDArray[Any]], row: int) -> Outcome:
    return Outcome(
        label=part["label"],
        condition=None if part["condition"] is None else _condition(part["condition"]),
        answer=part["answer"],
        pairs=tuple(TokenPair(**pair) for pair in part["pairs"]),
        undefined=tuple(part["undefined"]),
        target_logprob=part["target_logprob"],
        top_tokens=tuple(NextToken(**token) for token in part["top_tokens"]),
        kl_from_speech=part["kl_from_speech"],
        measured=_measured(part, arrays, row),
    )


def _measured(part: dict[str, Any], arrays: dict[str, NDArray[Any]], row: int) -> Measured | None:
    if part.get("quantities"):
        return read_measured(arrays, part["quantities"], {}, f"{row}.")
    if f"{row}.consistency" not in arrays:
        return None
    measured = measured_of_format_1(arrays, f"{row}.")
    check_shapes(measured)
    return measured


def _condition(part: dict[str, Any]) -> Condition:
    tokens = {**part["tokens"], "picked": tuple(part["tokens"]["picked"])}
    return Condition(
        **{
            **part,
            "tokens": TokenChoice(**tokens),
            "edit_layers": tuple(part["edit_layers"]),
        }
    )
