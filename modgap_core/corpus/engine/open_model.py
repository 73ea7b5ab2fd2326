"""A model's part of a run, made or found again."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from modgap_core.corpus.engine.parts import EngineParts
from modgap_core.corpus.store.run_folder import (
    MODEL_FILE,
    PLACE,
    ModelFolder,
    RunFolder,
    differing_entry,
    read_json,
    write_json,
)
from modgap_core.errors import ResultError
from modgap_core.models.provenance import provenance_of


def open_model(run: RunFolder, parts: EngineParts, model: str | None) -> ModelFolder:
    """The model's part of a run; made if it is new.

    Args:
        run: from `begin_run`.
        parts: with the loaded model.
        model: where it was loaded from: a folder, a hub id, or None for modgap-mini.

    Raises:
        ResultError: another model was run under the same name.
    """
    provenance = asdict(provenance_of(parts.model))
    others = {"asr": parts.asr, "backbone": parts.backbone}
    info: dict[str, Any] = {
        "provenance": provenance,
        **{kind: asdict(other.identity) if other is not None else None for kind, other in others.items()},
        "null_transcripts": list(parts.bank.transcripts) if parts.bank is not None else [],
    }
    slug = re.sub(r"[^A-Za-z0-9._-]+", "_", parts.model.identity.name).strip("._") or "model"
    folder = run.folder / slug
    path = folder / MODEL_FILE
    if model is not None and Path(model).is_dir():
        info[PLACE] = os.path.relpath(Path(model).absolute(), folder.absolute())
    if path.exists():
        if changed := differing_entry(read_json(path, ()), json.loads(json.dumps(info))):
            raise ResultError(
                f"The results in {slug!r} were made with another {changed}; choose another --out for this model."
            )
    else:
        folder.mkdir(parents=True, exist_ok=True)
        write_json(path, info)
    return ModelFolder(folder)
