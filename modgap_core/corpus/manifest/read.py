"""Manifests: CSV, JSONL, Parquet, or a folder in the layout of Hugging Face audio data sets."""

from __future__ import annotations

import hashlib
import json
import reprlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from modgap_core.corpus.columns import is_taken
from modgap_core.corpus.manifest.item import CorpusItem
from modgap_core.corpus.manifest.table import ManifestError, read_folder, read_table
from modgap_core.models.speech_units import parse_units
from modgap_core.scoring.mcq_reference import LETTERS, right_letter
from modgap_core.scoring.open_qa import SEPARATOR
from modgap_core.scoring.scorers import TASKS
from modgap_core.scoring.scorers import tasks as scored_tasks
from modgap_core.shipped import given_path

_ALIASES = {"file_name": "audio", "file": "audio", "path": "audio", "prompt": "transcript", "text": "transcript"}
"""Other names of columns: Hugging Face's audio folders, VoiceBench's prompt. Used only where the name is missing."""
_OWN = ("id", "audio", "transcript", "reference", "task", "units")
_DETAILS = ("choices", "key", "instruction_id_list", "kwargs")
_TASK_OF_NAME = {"advbench": "refusal", "ifeval": "ifeval", "openbookqa": "mcq", "mmsu": "mcq", "sd-qa": "qa"}
"""VoiceBench's data sets by their names."""
_MAX_LISTED = 3


@dataclass(frozen=True)
class Manifest:
    """The items of a corpus.

    Attributes:
        name: of the file or folder.
        items: in its order.
        source: the file or folder that was read.
        task: that was given for items that name none.
        content_hash: SHA-256 (16 hex digits) over everything but the sounds, whose hashes stand in the results.
    """

    name: str
    items: tuple[CorpusItem, ...]
    content_hash: str
    source: Path | None = None
    task: str = ""

    def first(self, limit: int | None) -> Manifest:
        """The first items only."""
        return self if limit is None else Manifest.of(self.name, self.items[:limit], self.source, self.task)

    @classmethod
    def of(cls, name: str, items: Iterable[CorpusItem], source: Path | None = None, task: str = "") -> Manifest:
        """With the hash of its items."""
        items = tuple(items)
        total = hashlib.sha256()
        for item in items:
            told = {**vars(item), "audio": item.audio_name, "slices": dict(item.slices), "details": dict(item.details)}
            total.update(json.dumps(told, sort_keys=True, default=str).encode() + b"\n")
        return cls(name, items, total.hexdigest()[:16], source, task)


def read_manifest(path: str | Path, task: str = "") -> Manifest:
    """Read a manifest.

    Args:
        path: a .csv, .jsonl or .parquet file with the columns audio and transcript (VoiceBench's ``prompt`` is
            understood) and optionally id, reference, task, units; any other column is a slice. Or a folder. Or
            ``shipped:NAME``.
        task: for items that name none; else it is inferred from VoiceBench's columns and names.

    Raises:
        ManifestError: it is missing, empty, lacks a column, repeats an id, mixes types, or names sounds or tasks
            that are not there.
    """
    path = given_path(path)
    if not path.exists():
        raise ManifestError(f"There is no manifest at {str(path)!r}; give a CSV, JSONL or Parquet file, or a folder.")
    table, root = (read_folder(path), path) if path.is_dir() else (read_table(path), path.parent)
    return manifest_of(table, _shown_name(path), root, task, path)


def _shown_name(path: Path) -> str:
    """Of a file called manifest or metadata the folder's name, which says more."""
    return path.absolute().parent.name if path.stem in ("manifest", "metadata") else path.stem


def manifest_of(table: pd.DataFrame, name: str, root: Path, task: str = "", source: Path | None = None) -> Manifest:
    """A table as a manifest; sounds are looked for under `root`."""
    if len(table) == 0:
        raise ManifestError(f"The manifest {name!r} has no rows; give at least one item.")
    table = _named(table, name)
    default = task or _task_of(name, table)
    rows = [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
    items = [_item(i, row, root, default) for i, row in enumerate(rows)]
    _refuse_duplicates([item.id for item in items])
    _refuse_missing([item.audio for item in items if isinstance(item.audio, Path)])
    _refuse_unknown_tasks({item.task for item in items})
    _refuse_no_letters([item for item in items if item.task == "mcq"])
    return Manifest.of(name, items, source, task)


def _named(table: pd.DataFrame, name: str) -> pd.DataFrame:
    renamed = {old: new for old, new in _ALIASES.items() if old in table and new not in table}
    table = table.rename(columns=renamed)
    if missing := [column for column in ("audio", "transcript") if column not in table]:
        raise ManifestError(
            f"The manifest {name!r} has no column {missing[0]!r}; it has {', '.join(map(str, table.columns))}. "
            "It needs audio and transcript; id, reference and task are optional, other columns are slices."
        )
    return table.loc[:, ~table.columns.duplicated()]


def _task_of(name: str, table: pd.DataFrame) -> str:
    if "instruction_id_list" in table:
        return "ifeval"
    known = [task for part, task in _TASK_OF_NAME.items() if part in name.lower()]
    return known[0] if known else ("qa" if "reference" in table else "none")


def _item(row: int, given: Mapping[str, Any], root: Path, default_task: str) -> CorpusItem:
    where = f"row {row + 1}"
    audio, audio_name = _audio(given["audio"], root, where)
    slices = {_slice_name(k): _slice(v, str(k), where) for k, v in given.items() if k not in (*_OWN, *_DETAILS)}
    return CorpusItem(
        row=row,
        id=_text(given.get("id"), "id", where) or f"{row + 1:06d}",
        audio=audio,
        audio_name=audio_name,
        transcript=_text(given["transcript"], "transcript", where),
        reference=_text(given.get("reference"), "reference", where),
        task=_text(given.get("task"), "task", where).strip() or default_task,
        slices=slices,
        details=_details(given, where),
        units=_units(given.get("units"), where),
    )


def _audio(value: Any, root: Path, where: str) -> tuple[Path | bytes, str]:
    if isinstance(value, Mapping):  # what datasets and Parquet files of the hub hold
        name = Path(value.get("path") or f"{where}.wav").name
        if value.get("bytes") is not None:
            return bytes(value["bytes"]), name
        value = value.get("path")
    if isinstance(value, bytes):
        return value, f"{where}.wav"
    if not isinstance(value, str) or not value.strip():
        raise ManifestError(f"The audio in {where} is {reprlib.repr(value)}; it must be the path of a sound file.")
    path = Path(value.strip())
    return (path if path.is_absolute() else root / path), path.name


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and pd.isna(value)) or (isinstance(value, str) and not value)


def _text(value: Any, column: str, where: str) -> str:
    if _absent(value):
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ManifestError(f"The column {column!r} holds {type(value).__name__} in {where}; it must hold text.")
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    """A whole number without its point: a column with missing cells may have made floats of whole numbers."""
    return str(int(value)) if value.is_integer() else repr(value)


def _slice_name(column: Any) -> str:
    """A column named like one of the results (text, status, gap ...) is kept as slice_text."""
    return f"slice_{column}" if is_taken(str(column)) else str(column)


def _slice(value: Any, column: str, where: str) -> str:
    if _absent(value):
        return ""
    if not isinstance(value, str | int | float | bool):
        raise ManifestError(
            f"The column {column!r} holds {type(value).__name__} in {where}; ModGap knows no such column, and a slice "
            "must hold text or a number. Leave it out, or rename it."
        )
    return _number(value) if isinstance(value, float) else str(value)


def _details(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    details = {k: _detail(given[k]) for k in _DETAILS if k in given and not _absent(given[k])}
    if "choices" in details:
        details["choices"] = _choices(details["choices"], where)
    return details


def _choices(value: Any, where: str) -> list[str]:
    """Texts of the options: a list, texts separated by a bar, or the hub's ``{"text": [...], "label": [...]}``."""
    value = value.get("text") if isinstance(value, Mapping) else value
    value = value.split(SEPARATOR) if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(text, str | int | float) for text in value):
        raise ManifestError(f"The choices in {where} are {reprlib.repr(value)}; give a list of the options' texts.")
    if len(value) > len(LETTERS):
        raise ManifestError(
            f"There are {len(value)} choices in {where}; ModGap scores up to {len(LETTERS)}, A to {LETTERS[-1]}."
        )
    return [_text(text, "choices", where).strip() for text in value]


def _detail(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value.tolist() if hasattr(value, "tolist") else value


def _units(value: Any, where: str) -> tuple[int, ...]:
    if _absent(value):
        return ()
    if isinstance(value, str):
        return parse_units(value)
    try:
        return tuple(int(unit) for unit in value)
    except (TypeError, ValueError) as error:
        raise ManifestError(f"The units in {where} are {reprlib.repr(value)}; give a list of whole numbers.") from error


def _refuse_duplicates(ids: list[str]) -> None:
    if twice := [name for name, n in Counter(ids).items() if n > 1]:
        raise ManifestError(
            f"{len(twice)} id(s) stand more than once in the manifest, first {twice[0]!r}; rename them."
        )


def _refuse_missing(paths: list[Path]) -> None:
    if missing := [path for path in paths if not _is_file(path)]:
        first = ", ".join(repr(path.name) for path in missing[:_MAX_LISTED])
        raise ManifestError(
            f"{len(missing)} of {len(paths)} sound files are not there, first {first}; paths are taken from the "
            "manifest's own folder."
        )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # longer than a path can be, or with a zero byte
        return False


def _refuse_no_letters(items: list[CorpusItem]) -> None:
    if wrong := [item for item in items if item.reference.strip() and right_letter(item.question) is None]:
        raise ManifestError(
            f"{len(wrong)} of {len(items)} multiple-choice items have a reference that is no letter, first "
            f"{wrong[0].reference[:40]!r} of {wrong[0].id!r}; give A to {LETTERS[-1]}, or the text of one of choices."
        )


def _refuse_unknown_tasks(given: set[str]) -> None:
    known = scored_tasks() if given - set(TASKS) else TASKS
    if unknown := sorted(given - set(known)):
        raise ManifestError(f"Unknown task {unknown[0]!r}; choose from {', '.join(known)}.")
