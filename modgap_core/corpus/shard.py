"""The results of one batch as tables: what is written, and how it is read back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from modgap_core.corpus.columns import ANSWERS, ITEMS, LAYERS, SCORES, TABLES
from modgap_core.corpus.item import CorpusItem
from modgap_core.corpus.measure_batch import ItemResult
from modgap_core.errors import ResultError
from modgap_core.interventions.method import Method, uses_of
from modgap_core.interventions.other_question import INJECTED
from modgap_core.interventions.outcome import SPEECH
from modgap_core.metrics import Metric, layers_0_to_l, mean_of_defined, mean_path_consistency
from modgap_core.results.layer_quantities import LayerQuantities
from modgap_core.scoring.expected import scored
from modgap_core.scoring.scorers import scorers_for

PATHS_FILE = "paths.safetensors"
OK, FAILED = "ok", "failed"


@dataclass(frozen=True)
class ShardTables:
    """Tables of some items, as in `columns`.

    Attributes:
        items: one row an item.
        answers: one row an item and condition.
        scores: one row an item, condition and scorer.
        layers: one row an item and layer.
        paths: ``{row:08d}.cosine`` and ``.euclidean``: (N, Tt) alignment paths.
    """

    items: pd.DataFrame
    answers: pd.DataFrame
    scores: pd.DataFrame
    layers: pd.DataFrame
    paths: dict[str, NDArray[np.integer[Any]]]


def tables_of(results: Sequence[ItemResult], extra_scorers: Sequence[str] = ()) -> ShardTables:
    """Score the answers and lay everything out in tables."""
    done = [result for result in results if not result.error]
    layers = [_layer_table(result) for result in done]
    return ShardTables(
        items=pd.DataFrame([_item_row(result) for result in results]),
        answers=_table([row for r in done for row in _answer_rows(r)], ANSWERS),
        scores=_table([row for r in done for row in _score_rows(r, extra_scorers)], SCORES),
        layers=pd.concat(layers, ignore_index=True) if layers else _table([], LAYERS),
        paths={f"{r.item.row:08d}.{metric}": r.measures[metric].path for r in done for metric in Metric},
    )


def _table(rows: list[dict[str, Any]], columns: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def _key(item: CorpusItem) -> dict[str, Any]:
    return {"row": item.row, "id": item.id}


def _item_row(result: ItemResult) -> dict[str, Any]:
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
        "n_text_tokens": result.measures[Metric.COSINE].path.shape[1] if result.measures else 0,
        "heard": result.heard,
        **_item_measures(result),
    }
    return {**{name: row[name] for name in ITEMS}, **item.slices}


def _item_measures(result: ItemResult) -> dict[str, float]:
    names = [name for name in ITEMS if name.startswith(("cosine", "euclidean", "aps", "mono", "path", "null", "z_"))]
    if not result.measures:
        return dict.fromkeys(names, float("nan"))
    row = {"path_consistency": float(mean_path_consistency(layers_0_to_l(result.consistency)))}
    for metric, similarity in ((Metric.COSINE, "cosine_similarity"), (Metric.EUCLIDEAN, "euclidean_distance")):
        values = result.values(metric)
        z = values.aps_z_score()
        row |= {
            similarity: values.similarity_score(),
            f"aps_{metric}": values.aps(),
            f"monotonicity_{metric}": values.mean_monotonicity(),
            f"null_{similarity}": float(mean_of_defined(values.null_similarity_scores())),
            f"null_aps_{metric}": float(mean_of_defined(values.null_aps())),
            f"z_aps_{metric}": float("nan") if z is None else z,
        }
    return row


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
    asked = [c for c in result.answers if c == SPEECH or uses_of(c) == Method.OTHER_TRANSCRIPT.uses]
    rows = []
    for condition in asked:
        score = other.expected.score(other.transcript, result.answers[condition])
        told = {"scorer": INJECTED, "is_primary": False, "value": score.value}
        rows.append({**_key(result.item), "condition": condition, **told, "rule": f"item {other.name}: {score.rule}"})
    return rows


def _layer_table(result: ItemResult) -> pd.DataFrame:
    cosine, euclidean = (result.measures[metric] for metric in Metric)
    n = len(cosine.curve)
    columns = {
        "row": np.full(n, result.item.row),
        "id": [result.item.id] * n,
        "entry": np.arange(n),
        "cosine": cosine.curve,
        "euclidean": euclidean.curve,
        "monotonicity_cosine": cosine.monotonicity,
        "monotonicity_euclidean": euclidean.monotonicity,
        "path_consistency": result.consistency,
        "aps_term_cosine": cosine.aps_terms,
        "aps_term_euclidean": euclidean.aps_terms,
        "null_cosine": _null_mean(cosine),
        "null_euclidean": _null_mean(euclidean),
    }
    return pd.DataFrame({name: columns[name] for name in LAYERS})


def _null_mean(values: LayerQuantities) -> NDArray[np.float32]:
    n_pairs, n = values.null_curve.shape
    return values.null_curve.mean(axis=0) if n_pairs else np.full(n, np.nan, np.float32)


def write_tables(folder: Path, tables: ShardTables) -> None:
    """Write the tables so that the folder is there whole or not at all.

    Raises:
        ResultError: the disk is full or cannot be written.
    """
    half = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        for name, columns in TABLES.items():
            write_parquet(half / f"{name}.parquet", getattr(tables, name), columns)
        save_file(tables.paths, half / PATHS_FILE)
        shutil.rmtree(folder, ignore_errors=True)
        half.rename(folder)
    except OSError as error:
        shutil.rmtree(half, ignore_errors=True)
        raise ResultError(
            f"The results cannot be written to {folder.parent.name!r} ({error.strerror or error}); what was finished "
            "before is kept. Make room, then run the same command with --resume."
        ) from error


def write_parquet(path: Path, table: pd.DataFrame, columns: dict[str, str]) -> None:
    """A table whose columns carry their descriptions."""
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    fields = [f.with_metadata({"description": columns[f.name]}) if f.name in columns else f for f in arrow.schema]
    pq.write_table(arrow.cast(pa.schema(fields)), path)


def read_tables(folder: Path) -> ShardTables:
    """Read what `write_tables` wrote.

    Raises:
        ResultError: it is missing or broken.
    """
    try:
        frames = {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES}
        return ShardTables(**frames, paths=load_file(folder / PATHS_FILE))
    except (OSError, ValueError, RuntimeError, pa.ArrowException) as error:
        raise ResultError(f"The results in {folder.name!r} are incomplete or broken ({error}).") from error


def joined(shards: Sequence[ShardTables]) -> ShardTables:
    """All items in the manifest's order."""
    frames = {
        name: pd.concat([getattr(shard, name) for shard in shards], ignore_index=True)
        .sort_values("row", kind="stable")
        .reset_index(drop=True)
        for name in TABLES
    }
    paths = {name: path for shard in shards for name, path in shard.paths.items()}
    return ShardTables(**frames, paths=dict(sorted(paths.items())))
