"""Files and folders as a table of a manifest's cells; what the cells mean is `manifest`'s business."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from modgap_core.errors import ModGapError
from modgap_core.extras import need_extra

SPLIT = "split"
"""The slice that names the split of a data set with several."""
_SOUND_COLUMNS = ("file_name", "audio", "path")


class ManifestError(ModGapError):
    """A manifest that cannot be used."""


def read_table(path: Path) -> pd.DataFrame:
    """A CSV, TSV, JSONL or Parquet file; every cell as it was written, missing ones None or NaN.

    Raises:
        ManifestError: it is of another kind, or broken.
    """
    readers: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
        ".csv": lambda p: _rows_of_csv(p, ","),
        ".tsv": lambda p: _rows_of_csv(p, "\t"),
        ".jsonl": _rows_of_jsonl,
        ".parquet": lambda p: pq.read_table(p).to_pylist(),
    }
    read = readers.get(path.suffix.lower())
    if read is None:
        raise ManifestError(f"{path.name!r} is no manifest that ModGap reads; give {', '.join(readers)} or a folder.")
    try:
        return _table(read(path))
    except (ValueError, OSError, csv.Error, pa.ArrowException) as error:
        raise ManifestError(f"The manifest {path.name!r} cannot be read ({str(error)[:150]}).") from error


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Whole numbers stay whole beside missing cells."""
    return pd.DataFrame(rows, dtype=object)


def _rows_of_csv(path: Path, delimiter: str) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, delimiter=delimiter, strict=True)
        names = list(reader.fieldnames or ())
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the column {twice[0]!r} stands twice")
        rows = []
        for row in reader:
            if None in row:
                raise ValueError(f"line {reader.line_num} has more cells than the header; quote cells that hold commas")
            rows.append(dict(row))
    return rows


def _rows_of_jsonl(path: Path) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        if line.strip():
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError(f"line {number} is no JSON object")
            rows.append(row)
    return rows


def read_folder(folder: Path) -> pd.DataFrame:
    """A Hugging Face audio data set on disk, all its splits; where there are several, the split is a slice.

    Audio folders and Parquet files are read here: the datasets library would need torchcodec for the first, and
    would take VoiceBench's domains and regions for one split.

    Raises:
        ManifestError: it is none, or broken.
    """
    if (folder / "dataset_dict.json").exists() or (folder / "state.json").exists():
        tables = _saved_tables(folder)
    else:
        metadata = sorted(p for p in folder.rglob("metadata.*") if p.suffix in (".csv", ".jsonl", ".parquet"))
        files = metadata or sorted(folder.rglob("*.parquet"))
        tables = [(_split_name(path, folder), _placed(read_table(path), path.parent)) for path in files]
    if not tables:
        raise ManifestError(
            f"The folder {folder.name!r} is no audio data set: it has no metadata.csv or .jsonl, no Parquet files, and "
            "was not written by the datasets library's save_to_disk."
        )
    several = len({split for split, _ in tables}) > 1
    return pd.concat([t.assign(**{SPLIT: split}) if several else t for split, t in tables], ignore_index=True)


def _saved_tables(folder: Path) -> list[tuple[str, pd.DataFrame]]:
    """What the datasets library's save_to_disk wrote; sounds stay bytes."""
    need_extra("corpus", f"The data set in {folder.name!r} (by save_to_disk)", "datasets", error=ManifestError)
    from datasets import DatasetDict, load_from_disk

    try:
        found = load_from_disk(str(folder))
        splits = found.items() if isinstance(found, DatasetDict) else [("", found)]
        return [(str(split), _table(list(_undecoded(data)))) for split, data in splits]
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise ManifestError(
            f"The data set in {folder.name!r} cannot be read ({str(error)[:150]}); save it again by save_to_disk."
        ) from error


def _undecoded(data: Any) -> Iterable[dict[str, Any]]:
    from datasets import Audio

    for name in [name for name, kind in data.features.items() if isinstance(kind, Audio)]:
        data = data.cast_column(name, Audio(decode=False))
    return data.to_list()  # type: ignore[no-any-return]


def _split_name(path: Path, folder: Path) -> str:
    """Of metadata the folder it lies in, of Parquet files what stands before the number of the part.

    >>> _split_name(Path("mmsu/law-00000-of-00002.parquet"), Path("mmsu"))
    'law'
    """
    if path.stem == "metadata":
        return path.parent.name if path.parent != folder else ""
    return re.sub(r"-\d+-of-\d+$", "", path.stem)


def _placed(table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Names of sound files are relative to the metadata's own folder."""
    for column in _SOUND_COLUMNS:
        if column in table:
            table[column] = [str(folder.absolute() / n) if isinstance(n, str) else n for n in table[column]]
    return table
