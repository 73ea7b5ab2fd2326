"""The results of one batch as tables: what is written, and how it is read back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from modgap_core.corpus.columns import (
    ANSWERS,
    ITEMS,
    LAYERS,
    SCORES,
    TABLES,
    Part,
    QuantityColumn,
    item_quantities,
    layer_quantities,
)
from modgap_core.corpus.conditions import INJECTED, SPEECH
from modgap_core.corpus.manifest.item import CorpusItem
from modgap_core.corpus.store.item_result import ItemResult
from modgap_core.errors import ResultError
from modgap_core.interventions.method import is_other_transcript
from modgap_core.metrics import DEFAULT_PATH, QUANTITIES, Measures, mean_of_defined
from modgap_core.results.comparing import ByContent
from modgap_core.results.measured import Measured
from modgap_core.scoring.expected import scored
from modgap_core.scoring.scorers import scorers_for

PATHS_FILE = "paths.safetensors"
OK, FAILED = "ok", "failed"


@dataclass(frozen=True, eq=False)
class ShardTables(ByContent):
    """Tables of some items, as in `columns`.

    Attributes:
        items: one row an item.
        answers: one row an item and condition.
        scores: one row an item, condition and scorer.
        layers: one row an item and layer.
        paths: (N, Tt) alignment paths; ``{row:08d}.cosine`` of the argmax path, ``{row:08d}.cosine.NAME`` of others.
        quantities: what the columns of quantities in the table of items hold.
        layer_quantities: what those in the table of layers hold.
    """

    items: pd.DataFrame
    answers: pd.DataFrame
    scores: pd.DataFrame
    layers: pd.DataFrame
    paths: dict[str, NDArray[np.integer[Any]]]
    quantities: Mapping[str, QuantityColumn]
    layer_quantities: Mapping[str, QuantityColumn]


def tables_of(
    results: Sequence[ItemResult], extra_scorers: Sequence[str] = (), measures: Measures | None = None
) -> ShardTables:
    """Score the answers and lay everything out in tables."""
    measures = measures or Measures()
    done = [result for result in results if result.measured is not None]
    quantities, of_layers = item_quantities(measures), layer_quantities(measures)
    layers = [_layer_table(result, of_layers) for result in done]
    return ShardTables(
        items=pd.DataFrame([_item_row(result, quantities) for result in results]),
        answers=_table([row for r in done for row in _answer_rows(r)], ANSWERS),
        scores=_table([row for r in done for row in _score_rows(r, extra_scorers)], SCORES),
        layers=pd.concat(layers, ignore_index=True) if layers else _table([], {**LAYERS, **of_layers}),
        paths={name: path for result in done for name, path in _paths(result)},
        quantities=quantities,
        layer_quantities=of_layers,
    )


def _paths(result: ItemResult) -> Iterator[tuple[str, NDArray[np.integer[Any]]]]:
    for name, path in (result.measured.paths if result.measured else {}).items():
        yield f"{result.item.row:08d}.{name.removesuffix('.' + DEFAULT_PATH)}", path


def _table(rows: list[dict[str, Any]], columns: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def _key(item: CorpusItem) -> dict[str, Any]:
    return {"row": item.row, "id": item.id}


def _item_row(result: ItemResult, quantities: Mapping[str, QuantityColumn]) -> dict[str, Any]:
    item = result.item
    row = {
        **_key(item),
        "audio": item.audio_name,
        "transcript": item.transcript,
        "reference": item.reference,
        "task": item.task,
        "status": FAILED if result.error else OK,
        "reason": result.error,
        "clip_sha256": result.clip_sha256,
        "duration_s": result.duration_s,
        "n_speech_tokens": result.n_speech_tokens,
        "n_text_tokens": result.n_text_tokens,
        "heard": result.heard,
    }
    measured = {name: _quantity(result.measured, column) for name, column in quantities.items()}
    return {**{name: row[name] for name in ITEMS}, **measured, **item.slices}


def _quantity(measured: Measured | None, column: QuantityColumn) -> float:
    """A number of the pair; NaN where it is undefined, or the item failed."""
    if measured is None:
        return float("nan")
    key = column.key
    declared = QUANTITIES.get(key.quantity)
    if not declared.is_by_layer:
        return measured.pair[declared.column()]
    values = measured.layer_values(key.quantity, key.similarity, key.path)
    if column.part == Part.NULL:
        return float(mean_of_defined(values.null_over_layers()))
    if column.part == Part.Z:
        z = values.z_score()
        return float("nan") if z is None else z
    return values.over_layers()


def _answer_rows(result: ItemResult) -> list[dict[str, Any]]:
    return [{**_key(result.item), "condition": c, "answer": answer} for c, answer in result.answers.items()]


def _score_rows(result: ItemResult, extra: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    scorers = scorers_for(result.item.task, extra)
    for condition, answer in result.answers.items():
        for number, scorer in enumerate(scorers):
            score = scored(scorer, result.item.question, answer)
            told = {"scorer": scorer.name, "is_primary": number == 0, "value": score.value, "rule": score.rule}
            rows.append({**_key(result.item), "condition": condition, **told})
    return rows + _injected_rows(result)


def _injected_rows(result: ItemResult) -> list[dict[str, Any]]:
    """The answers to the speech, unedited and with another question's words, judged as answers to that question."""
    other = result.injected
    if other is None or not other.expected.words:
        return []
    asked = [c for c in result.answers if c == SPEECH or is_other_transcript(c)]
    rows = []
    for condition in asked:
        score = other.expected.score(other.transcript, result.answers[condition])
        told = {"scorer": INJECTED, "is_primary": False, "value": score.value}
        rows.append({**_key(result.item), "condition": condition, **told, "rule": f"item {other.name}: {score.rule}"})
    return rows


def _layer_table(result: ItemResult, of_layers: Mapping[str, QuantityColumn]) -> pd.DataFrame:
    measured = result.measured
    if measured is None:
        raise ValueError("A failed item has no layers.")
    found = {name: _layer_numbers(measured, column) for name, column in of_layers.items()}
    n = len(next(iter(found.values())))
    where = {"row": np.full(n, result.item.row), "id": [result.item.id] * n, "entry": np.arange(n)}
    return pd.DataFrame({**where, **found})


def _layer_numbers(measured: Measured, column: QuantityColumn) -> NDArray[np.float32]:
    key = column.key
    values = measured.layer_values(key.quantity, key.similarity, key.path)
    if column.part == Part.VALUE:
        return values.values
    n_pairs, n = values.null.shape
    return values.null.mean(axis=0) if n_pairs else np.full(n, np.nan, np.float32)


def write_tables(folder: Path, tables: ShardTables) -> None:
    """Write the tables so that the folder is there whole or not at all.

    Raises:
        ResultError: the disk is full or cannot be written.
    """
    half = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        for name in TABLES:
            write_parquet(half / f"{name}.parquet", getattr(tables, name), _told(name, tables))
        save_file({name: np.ascontiguousarray(path) for name, path in tables.paths.items()}, half / PATHS_FILE)
        shutil.rmtree(folder, ignore_errors=True)
        half.rename(folder)
    except OSError as error:
        shutil.rmtree(half, ignore_errors=True)
        raise ResultError(
            f"The results cannot be written to {folder.parent.name!r} ({error.strerror or error}); what was finished "
            "before is kept. Make room, then run the same command with --resume."
        ) from error


_FIXED = {"items": ITEMS, "answers": ANSWERS, "scores": SCORES, "layers": LAYERS}


def _told(table: str, tables: ShardTables) -> dict[str, dict[str, str]]:
    """What a Parquet file tells of its columns."""
    fixed = {name: {"description": words} for name, words in _FIXED[table].items()}
    columns = {"items": tables.quantities, "layers": tables.layer_quantities}.get(table, {})
    return fixed | {name: column.metadata() for name, column in columns.items()}


def write_parquet(path: Path, table: pd.DataFrame, columns: Mapping[str, Mapping[str, str]]) -> None:
    """A table whose columns carry their descriptions."""
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    fields = [f.with_metadata(dict(columns[f.name])) if f.name in columns else f for f in arrow.schema]
    pq.write_table(arrow.cast(pa.schema(fields)), path)


def read_tables(folder: Path) -> ShardTables:
    """Read what `write_tables` wrote, or what ModGap 0.1 did, whose columns of quantities tell nothing of themselves.

    Raises:
        ResultError: it is missing or broken.
    """
    try:
        arrow = {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES}
        frames = {name: table.to_pandas() for name, table in arrow.items()}
        return ShardTables(
            **frames,
            paths=load_file(folder / PATHS_FILE),
            quantities=_known(arrow["items"].schema, item_quantities),
            layer_quantities=_known(arrow["layers"].schema, layer_quantities),
        )
    except (OSError, ValueError, RuntimeError, pa.ArrowException) as error:
        raise ResultError(f"The results in {folder.name!r} are incomplete or broken ({error}).") from error


def _known(schema: pa.Schema, standard: Callable[[Measures], dict[str, QuantityColumn]]) -> dict[str, QuantityColumn]:
    told = {field.name: QuantityColumn.of_metadata(field.metadata or {}) for field in schema}
    found = {name: column for name, column in told.items() if column is not None}
    return found or {name: column for name, column in standard(Measures()).items() if name in told}


def joined(shards: Sequence[ShardTables]) -> ShardTables:
    """All items in the manifest's order."""
    frames = {
        name: pd.concat([getattr(shard, name) for shard in shards], ignore_index=True)
        .sort_values("row", kind="stable")
        .reset_index(drop=True)
        for name in TABLES
    }
    paths = {name: path for shard in shards for name, path in shard.paths.items()}
    first = shards[0]
    return ShardTables(
        **frames,
        paths=dict(sorted(paths.items())),
        quantities=first.quantities,
        layer_quantities=first.layer_quantities,
    )
