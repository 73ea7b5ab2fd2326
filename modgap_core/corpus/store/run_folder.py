"""A run on disk.

``run.json``             manifest, settings, scorers, versions, command: what the run is
``MODEL/model.json``     the model's provenance
``MODEL/shards/00000/``  the results of a batch (`shard`), there whole or not at all
``MODEL/tables/``        the same for all batches together, once the last one is finished; then the shards go
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from modgap_core.corpus.manifest.read import Manifest
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.corpus.store.shard import ShardTables, joined, read_tables, write_tables
from modgap_core.errors import ResultError
from modgap_core.scoring.scorers import scorers_for
from modgap_core.shipped import MINI_NAME, given_path

FORMAT, OLD_FORMATS = "modgap-corpus-2", ("modgap-corpus-1",)
RUN_FILE, SHARDS, TABLES = "run.json", "shards", "tables"
MODEL_FILE, _LOCK = "model.json", ".lock"
PLACE = "folder"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunFolder:
    """A run on disk.

    Attributes:
        folder: where it lies.
        header: run.json.
    """

    folder: Path
    header: Mapping[str, Any]

    @property
    def n_items(self) -> int:
        """Of the manifest."""
        return int(self.header["manifest"]["n_items"])

    @property
    def models(self) -> list[ModelFolder]:
        """Those that were begun."""
        return [ModelFolder(path.parent) for path in sorted(self.folder.glob(f"*/{MODEL_FILE}"))]


@dataclass(frozen=True)
class ModelFolder:
    """One model's part of a run."""

    folder: Path

    @property
    def info(self) -> dict[str, Any]:
        """model.json."""
        return read_json(self.folder / MODEL_FILE, ("provenance",))

    @property
    def name(self) -> str:
        """The model's."""
        return str(self.info["provenance"]["model"])

    @property
    def place(self) -> str | None:
        """For `load_model`: the folder where the model was when it was run, or its hub id; None for modgap-mini."""
        folder = self.info.get(PLACE)
        if folder is not None:
            return str((self.folder / folder).resolve())
        return None if self.name == MINI_NAME else self.name

    def shard(self, name: str) -> Path:
        """The folder of a batch."""
        return self.folder / SHARDS / name

    @property
    def finished_shards(self) -> set[str]:
        """Names of the batches that are finished."""
        return {path.name for path in (self.folder / SHARDS).glob("[0-9]*")}

    @property
    def is_complete(self) -> bool:
        """Whether all batches were finished and put together."""
        return (self.folder / TABLES).is_dir()

    def tables(self) -> ShardTables:
        """All results so far."""
        if self.is_complete:
            return read_tables(self.folder / TABLES)
        shards = [read_tables(self.shard(name)) for name in sorted(self.finished_shards)]
        if not shards:
            raise ResultError(f"No batch of {self.name} is finished yet.")
        return joined(shards)

    def rows_of_shard(self, name: str) -> Iterator[dict[str, Any]]:
        """The items of a finished batch, each with its answers and primary scores by condition."""
        tables = read_tables(self.shard(name))
        primary = tables.scores[tables.scores.is_primary.astype(bool)]
        for item in tables.items.to_dict("records"):
            answers, scores = (part[part.row == item["row"]] for part in (tables.answers, primary))
            told = {"answers": dict(zip(answers.condition, answers.answer, strict=True))}
            row = {str(name): value for name, value in item.items()}
            yield {**row, **told, "scores": dict(zip(scores.condition, scores.value, strict=True))}

    def complete(self) -> None:
        """Put all shards together and remove them."""
        write_tables(self.folder / TABLES, self.tables())
        self.tidy()

    def tidy(self) -> None:
        """Remove what a killed process left: half-written folders, broken batches, batches that were put together."""
        for left in (*self.folder.glob(".*"), *self.shard("").glob(".*")):
            shutil.rmtree(left, ignore_errors=True)
        if self.is_complete:
            shutil.rmtree(self.folder / SHARDS, ignore_errors=True)
        for name in self.finished_shards:
            try:
                read_tables(self.shard(name))
            except ResultError as error:
                _LOG.warning("Batch %s of %s is run again: %s", name, self.folder.name, error)
                shutil.rmtree(self.shard(name))


def begin_run(
    folder: str | Path,
    manifest: Manifest,
    settings: CorpusSettings,
    resume: bool = False,
    tags: Mapping[str, str] | None = None,
    command: Sequence[str] = tuple(sys.argv),
    clusters: Sequence[str] = (),
) -> RunFolder:
    """Begin a run, or go on with one.

    Args:
        folder: new or empty, unless the run is resumed.
        manifest: of the run.
        settings: of the run.
        resume: go on with the run in the folder.
        tags: kept in run.json, as is the manifest's place, relative to the folder, so that sounds are found again.
        command: kept in run.json.
        clusters: columns that tell clusters apart, kept in run.json; empty where they are to be found.

    Raises:
        ResultError: there is a run already, or none to go on with, or it is of another format, manifest or settings.
    """
    folder = Path(folder)
    header = _header(manifest, settings, command)
    header |= {"tags": dict(tags or {}), "task": manifest.task, "clusters": list(clusters)}
    if manifest.source is not None:
        header["source"] = os.path.relpath(manifest.source.absolute(), folder.absolute())
    exists = (folder / RUN_FILE).exists()
    if resume:
        if not exists:
            raise ResultError(f"There is no run to resume in {folder.name!r}; leave --resume out to begin one.")
        run = load_run(folder)
        refuse_another(run.header, header)
        return _relabelled(run, tags or {}, clusters) if tags or clusters else run
    begun = any(folder.glob(f"*/{MODEL_FILE}"))
    if exists and begun:
        raise ResultError(
            f"There is a run in {folder.name!r} already; go on with it by --resume, or choose another --out."
        )
    if folder.exists() and not exists and (not folder.is_dir() or any(folder.iterdir())):
        raise ResultError(f"{folder.name!r} is there and not an empty folder; choose another --out.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / RUN_FILE, header)
    except OSError as error:
        raise ResultError(
            f"The folder {folder.name!r} cannot be written ({error.strerror}); choose another."
        ) from error
    return RunFolder(folder, header)


def _relabelled(run: RunFolder, tags: Mapping[str, str], clusters: Sequence[str]) -> RunFolder:
    """Tags and clusters change no result, so that a resumed run may get new ones."""
    header = {**run.header, "tags": {**run.header.get("tags", {}), **tags}}
    if clusters:
        header["clusters"] = list(clusters)
    write_json(run.folder / RUN_FILE, header)
    return RunFolder(run.folder, header)


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to the run; the lock goes with the process, however it ends.

    Raises:
        ResultError: another process holds it.
    """
    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise ResultError(
            f"Another process is writing to the run in {folder.name!r}; wait for it, or give each process a --part "
            "and an --out of its own."
        ) from error
    except NotImplementedError:
        _LOG.warning("The file system of %s knows no locks: let no second process write to this run.", folder)
    try:
        yield
    finally:
        lock.release()


def _header(manifest: Manifest, settings: CorpusSettings, command: Sequence[str]) -> dict[str, Any]:
    tasks = sorted({item.task for item in manifest.items})
    return {
        "format": FORMAT,
        "manifest": {"name": manifest.name, "content_hash": manifest.content_hash, "n_items": len(manifest.items)},
        "settings": settings.to_json(),
        "scorers": {task: {s.name: s.version for s in scorers_for(task, settings.scorers)} for task in tasks},
        "versions": {name: version(name) for name in ("modgap", "torch", "transformers", "numpy", "pyarrow")},
        "command": [Path(command[0]).name, *command[1:]] if command else [],
        "begun": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def load_run(folder: str | Path) -> RunFolder:
    """Open a run folder.

    Raises:
        ResultError: there is none, or it is broken or of another format.
    """
    folder = given_path(folder)
    if not (folder / RUN_FILE).exists():
        raise ResultError(f"There is no run in {folder.name!r} (no {RUN_FILE}); make one with modgap corpus.")
    found = read_json(folder / RUN_FILE, ("format",))["format"]
    if found not in (FORMAT, *OLD_FORMATS):
        raise ResultError(f"The run in {folder.name!r} is of the format {found!r}, but this ModGap reads {FORMAT!r}.")
    return RunFolder(folder, read_json(folder / RUN_FILE, ("manifest", "settings", "scorers", "versions", "begun")))


def find_runs(folder: Path) -> list[Path]:
    """The folder, if it is a run, and those of its subfolders that are, by name.

    Raises:
        ResultError: the folder is not there.
    """
    if not folder.is_dir():
        raise ResultError(f"There is no folder {folder.name!r}; give the one that modgap corpus --out wrote.")
    return [path.parent for path in sorted([*folder.glob(RUN_FILE), *folder.glob(f"*/{RUN_FILE}")])]


def read_json(path: Path, needed: Sequence[str]) -> dict[str, Any]:
    """A JSON file of a run.

    Raises:
        ResultError: it cannot be read, or lacks an entry that is needed.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResultError(
            f"The file {path.parent.name}/{path.name} of the run cannot be read ({error}); choose another --out."
        ) from error
    if not isinstance(found, dict) or (missing := [name for name in needed if name not in found]):
        lacks = f" (it lacks {missing[0]!r})" if isinstance(found, dict) else ""
        raise ResultError(f"The file {path.parent.name}/{path.name} is not of a run{lacks}; choose another --out.")
    return found


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """There whole or not at all."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    half.replace(path)


def _manifest_words(header: Mapping[str, Any]) -> str:
    manifest = header["manifest"]
    return f"{manifest['name']!r} ({manifest['n_items']} items, content {manifest['content_hash']})"


def refuse_another(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Whether two headers are of one run: manifest, settings, scorers and versions.

    Raises:
        ResultError: they are not; it names the first difference.
    """
    if old["manifest"] != new["manifest"]:
        one, other = map(_manifest_words, (old, new))
        raise ResultError(f"The run was begun on the manifest {one}, not on this one, {other}; choose another --out.")
    for part in ("settings", "scorers", "versions"):
        for name in sorted({*old[part], *new[part]}):
            before, now = old[part].get(name), new[part].get(name)
            if before != now:
                raise ResultError(
                    f"The run was begun with {name} = {before!r}, now it is {now!r}; give the old one, or choose "
                    "another --out."
                )


def differing_entry(one: Mapping[str, Any], other: Mapping[str, Any]) -> str | None:
    """The first entry in which two model.json differ; where the model lay is none."""
    return next((key for key in other if key != PLACE and one.get(key) != other[key]), None)
