"""Runs of one manifest, made apart, as one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modgap_core.corpus.store.run_folder import (
    MODEL_FILE,
    PLACE,
    RUN_FILE,
    SHARDS,
    TABLES,
    ModelFolder,
    RunFolder,
    differing_entry,
    load_run,
    refuse_another,
    write_json,
)
from modgap_core.errors import ResultError


def merge_runs(folders: Sequence[str | Path], out: str | Path) -> RunFolder:
    """Runs of one manifest with the same settings as one: their models, and the batches that each has finished.

    Raises:
        ResultError: they do not belong together, or `out` is there already or cannot be written; then nothing is.
    """
    runs, out = [load_run(folder) for folder in folders], Path(out)
    if not runs:
        raise ResultError("There are no runs to merge; name at least one.")
    if out.exists():
        raise ResultError(f"{out.name!r} is there already; choose another --out.")
    for run in runs[1:]:
        refuse_another(runs[0].header, run.header)
    half = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        half.mkdir(parents=True)
        write_json(half / RUN_FILE, _moved(runs[0].header, "source", runs[0].folder, out))
        for model in [model for run in runs for model in run.models]:
            _add_model(model, ModelFolder(half / model.folder.name), out / model.folder.name)
        half.rename(out)
    except OSError as error:
        raise ResultError(f"The folder {out.name!r} cannot be written ({error.strerror or error}).") from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return load_run(out)


def _moved(found: Mapping[str, Any], name: str, old: Path, new: Path) -> dict[str, Any]:
    """With a path that was relative to the old folder as seen from the new one."""
    if name not in found:
        return dict(found)
    return {**found, name: os.path.relpath((old / found[name]).resolve(), new.absolute())}


def _add_model(model: ModelFolder, target: ModelFolder, final: Path) -> None:
    if not target.folder.exists():
        shutil.copytree(model.folder, target.folder)
        write_json(target.folder / MODEL_FILE, _moved(model.info, PLACE, model.folder, final))
        return
    if differing_entry(model.info, target.info):
        raise ResultError(f"The runs hold different models under the name {model.name!r}; they cannot be merged.")
    for name in model.finished_shards - target.finished_shards:
        shutil.copytree(model.shard(name), target.shard(name))
    if model.is_complete and not target.is_complete:
        shutil.copytree(model.folder / TABLES, target.folder / TABLES)
        shutil.rmtree(target.folder / SHARDS, ignore_errors=True)
