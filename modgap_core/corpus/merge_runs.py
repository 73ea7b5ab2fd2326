"""Runs of one manifest, made apart, as one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from modgap_core.corpus.run_folder import (
    RUN_FILE,
    SHARDS,
    TABLES,
    ModelFolder,
    RunFolder,
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
        write_json(half / RUN_FILE, _moved(runs[0], out))
        for model in [model for run in runs for model in run.models]:
            _add_model(model, ModelFolder(half / model.folder.name))
        half.rename(out)
    except OSError as error:
        raise ResultError(f"The folder {out.name!r} cannot be written ({error.strerror or error}).") from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return load_run(out)


def _moved(run: RunFolder, out: Path) -> dict[str, Any]:
    """The header, with the manifest's place seen from the new folder."""
    header = dict(run.header)
    if "source" in header:
        header["source"] = os.path.relpath((run.folder / header["source"]).resolve(), out.absolute())
    return header


def _add_model(model: ModelFolder, target: ModelFolder) -> None:
    if not target.folder.exists():
        shutil.copytree(model.folder, target.folder)
        return
    if model.info != target.info:
        raise ResultError(f"The runs hold different models under the name {model.name!r}; they cannot be merged.")
    for name in model.finished_shards - target.finished_shards:
        shutil.copytree(model.shard(name), target.shard(name))
    if model.is_complete and not target.is_complete:
        shutil.copytree(model.folder / TABLES, target.folder / TABLES)
        shutil.rmtree(target.folder / SHARDS, ignore_errors=True)
