"""A run on disk.

``run.json``             manifest, settings, scorers, versions, command: what the run is
``MODEL/model.json``     the model's provenance
``MODEL/shards/00000/``  the results of a batch (`shard`), there whole or not at all
``MODEL/tables/``        the same for all batches together, once the last one is finished; then the shards go
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from modgap_core.corpus.engine_parts import EngineParts
from modgap_core.corpus.manifest import Manifest
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.corpus.shard import ShardTables, joined, read_tables, write_tables
from modgap_core.errors import ResultError
from modgap_core.results.provenance import provenance_of
from modgap_core.scoring.scorers import scorers_for

FORMAT = "modgap-corpus-1"
_RUN, _MODEL, _SHARDS, _TABLES = "run.json", "model.json", "shards", "tables"


@dataclass(frozen=True)
class RunFolder:
    """A run.

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
        return [ModelFolder(path.parent) for path in sorted(self.folder.glob(f"*/{_MODEL}"))]


@dataclass(frozen=True)
class ModelFolder:
    """One model's part of a run."""

    folder: Path

    @property
    def info(self) -> dict[str, Any]:
        """model.json."""
        return dict(_read_json(self.folder / _MODEL))

    @property
    def name(self) -> str:
        """The model's."""
        return str(self.info["provenance"]["model"])

    def shard(self, name: str) -> Path:
        """The folder of a batch."""
        return self.folder / _SHARDS / name

    @property
    def finished_shards(self) -> set[str]:
        """Names of the batches that are finished."""
        return {path.name for path in (self.folder / _SHARDS).glob("[0-9]*")}

    @property
    def is_complete(self) -> bool:
        """Whether all batches were finished and put together."""
        return (self.folder / _TABLES).is_dir()

    def tables(self) -> ShardTables:
        """All results so far."""
        if self.is_complete:
            return read_tables(self.folder / _TABLES)
        shards = [read_tables(self.shard(name)) for name in sorted(self.finished_shards)]
        if not shards:
            raise ResultError(f"No batch of {self.name} is finished yet.")
        return joined(shards)

    def complete(self) -> None:
        """Put all shards together and remove them."""
        write_tables(self.folder / _TABLES, self.tables())
        shutil.rmtree(self.folder / _SHARDS)


def open_run(
    folder: str | Path,
    manifest: Manifest,
    settings: CorpusSettings,
    resume: bool = False,
    tags: Mapping[str, str] | None = None,
    command: Sequence[str] = tuple(sys.argv),
) -> RunFolder:
    """Begin a run, or go on with one.

    Args:
        folder: new or empty, unless the run is resumed.
        manifest: of the run.
        settings: of the run.
        resume: go on with the run in the folder.
        tags: kept in run.json, as is the manifest's place, relative to the folder, so that sounds are found again.
        command: kept in run.json.

    Raises:
        ResultError: there is a run already, or none to go on with, or it is of another format, manifest or settings.
    """
    folder = Path(folder)
    header = _header(manifest, settings, command)
    header["tags"] = dict(tags or {})
    if manifest.source is not None:
        header["source"] = os.path.relpath(manifest.source.absolute(), folder.absolute())
    exists = (folder / _RUN).exists()
    if resume:
        if not exists:
            raise ResultError(f"There is no run to resume in {folder.name!r}; leave --resume out to begin one.")
        run = load_run(folder)
        _refuse_another(run.header, header)
        return run
    begun = any(folder.glob(f"*/{_MODEL}"))
    if exists and begun:
        raise ResultError(
            f"There is a run in {folder.name!r} already; go on with it by --resume, or choose another --out."
        )
    if folder.exists() and not exists and (not folder.is_dir() or any(folder.iterdir())):
        raise ResultError(f"{folder.name!r} is there and not an empty folder; choose another --out.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _RUN).write_text(json.dumps(header, indent=1, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise ResultError(
            f"The folder {folder.name!r} cannot be written ({error.strerror}); choose another."
        ) from error
    return RunFolder(folder, header)


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
    folder = Path(folder)
    if not (folder / _RUN).exists():
        raise ResultError(f"There is no run in {folder.name!r} (no {_RUN}); make one with modgap corpus.")
    header = _read_json(folder / _RUN)
    if header.get("format") != FORMAT:
        raise ResultError(
            f"The run in {folder.name!r} is of the format {header.get('format')!r}, but this ModGap reads {FORMAT!r}."
        )
    return RunFolder(folder, header)


def find_runs(folder: Path) -> list[RunFolder]:
    """The run in a folder, or the runs in its subfolders, by name.

    Raises:
        ResultError: the folder is not there.
    """
    if not folder.is_dir():
        raise ResultError(f"There is no folder {folder.name!r}; give the one that modgap corpus --out wrote.")
    return [load_run(path.parent) for path in sorted([*folder.glob(_RUN), *folder.glob(f"*/{_RUN}")])]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResultError(f"The file {path.name} of the run cannot be read ({error}).") from error
    return found if isinstance(found, dict) else {}


def _manifest_words(header: Mapping[str, Any]) -> str:
    manifest = header["manifest"]
    return f"{manifest['name']!r} ({manifest['n_items']} items, content {manifest['content_hash']})"


def _refuse_another(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
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


def open_model(run: RunFolder, parts: EngineParts) -> ModelFolder:
    """The model's part of a run; made if it is new.

    Raises:
        ResultError: another model was run under the same name.
    """
    provenance = asdict(provenance_of(parts.model))
    others = {"asr": parts.asr, "backbone": parts.backbone}
    info = {
        "provenance": provenance,
        **{kind: asdict(other.identity) if other is not None else None for kind, other in others.items()},
        "null_transcripts": list(parts.bank.transcripts) if parts.bank is not None else [],
    }
    slug = re.sub(r"[^A-Za-z0-9._-]+", "_", parts.model.identity.name).strip("._") or "model"
    folder = run.folder / slug
    path = folder / _MODEL
    if path.exists():
        if (old := _read_json(path)) != json.loads(json.dumps(info)):
            changed = next(k for k in info if old.get(k) != json.loads(json.dumps(info[k])))
            raise ResultError(
                f"The results in {slug!r} were made with another {changed}; choose another --out for this model."
            )
    else:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(info, indent=1, ensure_ascii=False), encoding="utf-8")
    return ModelFolder(folder)


def merge_runs(folders: Sequence[str | Path], out: str | Path) -> RunFolder:
    """Runs of one manifest with the same settings as one: their models, and the batches that each has finished.

    Raises:
        ResultError: they do not belong together, or `out` is there already.
    """
    runs, out = [load_run(folder) for folder in folders], Path(out)
    if not runs:
        raise ResultError("There are no runs to merge; name at least one.")
    if out.exists():
        raise ResultError(f"{out.name!r} is there already; choose another --out.")
    for run in runs[1:]:
        _refuse_another(runs[0].header, run.header)
    shutil.copytree(runs[0].folder, out)
    for run in runs[1:]:
        for model in run.models:
            _add_model(model, ModelFolder(out / model.folder.name))
    return load_run(out)


def _add_model(model: ModelFolder, target: ModelFolder) -> None:
    if not target.folder.exists():
        shutil.copytree(model.folder, target.folder)
        return
    if model.info != target.info:
        raise ResultError(f"The runs hold different models under the name {model.name!r}; they cannot be merged.")
    for name in model.finished_shards - target.finished_shards:
        shutil.copytree(model.shard(name), target.shard(name))
    if model.is_complete and not target.is_complete:
        shutil.copytree(model.folder / _TABLES, target.folder / _TABLES)
        shutil.rmtree(target.folder / _SHARDS, ignore_errors=True)
