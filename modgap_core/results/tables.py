"""A result as tables: every number by name, one row a layer, one row a text token and layer, a summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from modgap_core.errors import ModGapError
from modgap_core.metrics import NullBand, null_band
from modgap_core.metrics.quantity import SIMILARITY_SCORE
from modgap_core.results.measured import LayerValues, Measured
from modgap_core.results.pair_result import PairResult

LONG = (
    "quantity",
    "similarity",
    "path",
    "column",
    "level",
    "layer",
    "after_final_norm",
    "text_token",
    "value",
    "null_mean",
    "null_low",
    "null_high",
    "z_score",
)


def table_of_pair(result: PairResult, name: str) -> pd.DataFrame:
    """A table by its name.

    Raises:
        ModGapError: there is no such table.
    """
    if name not in TABLES_OF_PAIR:
        raise ModGapError(f"There is no table {name!r} of a pair; choose from {', '.join(TABLES_OF_PAIR)}.")
    return TABLES_OF_PAIR[name](result)


def quantity_table(measured: Measured) -> pd.DataFrame:
    """Every number by name, long.

    Columns: ``quantity``, ``similarity`` and ``path`` (empty where it depends on none), ``column`` (its name in wide
    tables), ``level`` (pair, layer or token), ``layer`` (empty for a pair), ``after_final_norm``, ``text_token``,
    ``value``, and of its null mean, 5th and 95th percentile and the z-score of the pair's value. Empty is undefined.
    """
    rows = [row for values in measured.layers.values() for row in (*_pair_rows(values), *_layer_rows(values))]
    rows += [{"quantity": c, "column": c, "level": "pair", "value": v} for c, v in measured.pair.items()]
    table = pd.DataFrame(rows, columns=list(LONG)).fillna({"similarity": "", "path": ""})
    return table.astype({"layer": "Int64", "text_token": "Int64", "after_final_norm": "boolean", "value": float})


def _named(values: LayerValues, column: str, level: str) -> dict[str, object]:
    key = values.key
    told = {"quantity": key.quantity, "similarity": key.similarity, "path": key.path}
    return {**told, "column": column, "level": level}


def _pair_rows(values: LayerValues) -> Iterator[dict[str, object]]:
    for after_norm in (False, True):
        null, z = values.null_over_layers(after_norm), values.z_score(after_norm)
        band = {name: float(part) for name, part in _null_numbers(null_band(null)).items()}
        numbers = {"value": values.over_layers(after_norm), **band}
        named = _named(values, values.column, "pair")
        yield {**named, "after_final_norm": after_norm, **numbers, "z_score": np.nan if z is None else z}


def _layer_rows(values: LayerValues) -> Iterator[dict[str, object]]:
    band, last = null_band(values.null), len(values.values) - 2
    column = layer_column(values)
    for entry, value in enumerate(values.values):
        where = {"layer": min(entry, last), "after_final_norm": entry > last}
        numbers = {name: part[entry] for name, part in _null_numbers(band).items()}
        yield {**_named(values, column, "layer"), **where, "value": value, **numbers}
        if values.tokens is not None:
            for token, each in enumerate(values.tokens[entry]):
                yield {**_named(values, column, "token"), **where, "text_token": token, "value": each}


def _null_numbers(band: NullBand) -> dict[str, np.ndarray]:
    return {"null_mean": band.mean, "null_low": band.low, "null_high": band.high}


def layer_column(values: LayerValues) -> str:
    """Name of the layer's value in wide tables."""
    found = values.quantity
    if found is not None:
        return found.layer_column(values.key.similarity, values.key.path)
    return values.column if values.key.quantity != SIMILARITY_SCORE else values.key.similarity


def layer_table(result: PairResult) -> pd.DataFrame:
    """One row for each layer 0..L, and a last one for layer L after the final norm.

    Columns: ``layer``, ``after_final_norm``, then each quantity of layers, as a run's table of layers names it, with
    the 5th and 95th percentile of its null where it has one. Empty cells are undefined.
    """
    last = result.n_layers
    columns: dict[str, object] = {
        "layer": [*range(last + 1), last],
        "after_final_norm": [False] * (last + 1) + [True],
    }
    for column, values in result.measured.layers.items():
        columns[column] = values.values
        if values.null.size:
            band = null_band(values.null)
            columns |= {f"{column}_null_low": band.low, f"{column}_null_high": band.high}
    return pd.DataFrame(columns)


def path_table(result: PairResult) -> pd.DataFrame:
    """One row for each similarity function, path, layer and text token: its speech token, when that is, A there."""
    places = [(name, path) for path in result.measured.path_names for name in result.similarities]
    frames = [_path_rows(result, *place, entry) for place in places for entry in range(result.n_layers + 2)]
    return pd.concat(frames, ignore_index=True)


def _path_rows(result: PairResult, similarity: str, path_name: str, entry: int) -> pd.DataFrame:
    values = result.values(similarity, path_name)
    path = values.path[entry]
    spans = np.where((path >= 0)[:, None], result.speech_spans_s[path.clip(min=0)], np.nan)
    return pd.DataFrame(
        {
            "similarity": similarity,
            "path": path_name,
            "layer": min(entry, result.n_layers),
            "after_final_norm": entry > result.n_layers,
            "text_token": np.arange(path.size),
            "text": [token.text for token in result.text_tokens],
            "start_character": [token.start for token in result.text_tokens],
            "end_character": [token.end for token in result.text_tokens],
            "speech_token": path,
            "start_s": spans[:, 0],
            "end_s": spans[:, 1],
            "value": values.path_values(entry),
        }
    )


def answer_table(result: PairResult) -> pd.DataFrame:
    """Both answers, and whether they are right.

    Columns: ``input`` (speech or text), ``answer``, ``right`` (empty where it cannot be told), ``scorer`` (the task's
    primary one, with its version), ``rule`` (what in the answer decided).
    """
    said = {"speech": result.answers.speech, "text": result.answers.text}
    rows = []
    for side, answer in said.items():
        score = result.score(answer)
        judged = {"right": score.is_right, "scorer": result.answers.expected.scorer, "rule": score.rule}
        rows.append({"input": side, "answer": answer, **judged})
    return pd.DataFrame(rows).astype({"right": "boolean"})


def summary_table(result: PairResult, after_norm: bool = False) -> pd.DataFrame:
    """The pair in a few numbers, each with its null reference beside it; NaN is undefined.

    Columns: ``quantity`` (in words), ``column`` (its name), ``value``, ``null_low``, ``null_high``, ``z_score``.
    """
    rows = [_summary_row(values, after_norm) for values in result.measured.layers.values()]
    rows += [(column, column, value, np.nan, np.nan, np.nan) for column, value in result.measured.pair.items()]
    return pd.DataFrame(rows, columns=["quantity", "column", "value", "null_low", "null_high", "z_score"])


def _summary_row(values: LayerValues, after_norm: bool) -> tuple[str, str, float, float, float, float]:
    null, z = values.null_over_layers(after_norm), values.z_score(after_norm)
    band = null_band(null)
    words = values.quantity.over_layers_words if values.quantity else ""
    title = ", ".join(filter(None, (values.title, words)))
    value = values.over_layers(after_norm)
    return title, values.column, value, float(band.low), float(band.high), np.nan if z is None else z


TABLES_OF_PAIR: dict[str, Callable[[PairResult], pd.DataFrame]] = {
    "summary": summary_table,
    "quantities": lambda result: quantity_table(result.measured),
    "layers": layer_table,
    "paths": path_table,
    "answers": answer_table,
}
