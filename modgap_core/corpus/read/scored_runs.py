"""From a run folder to its models' tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modgap_core.corpus.manifest.item import CorpusItem
from modgap_core.corpus.manifest.read import Manifest, read_manifest
from modgap_core.corpus.read.cluster_choice import declared_clusters
from modgap_core.corpus.read.tables import ScoredRun
from modgap_core.corpus.store.run_folder import ModelFolder, RunFolder
from modgap_core.errors import ResultError


def scored_runs(run: RunFolder, clusters: Sequence[str] | None = None) -> list[ScoredRun]:
    """Each model of a run that has a finished batch.

    Args:
        run: from `load_run`.
        clusters: columns that tell clusters apart; by default those that the run was given.

    Raises:
        ResultError: no batch of any model is finished, or a table is broken.
    """
    begun = [model for model in run.models if model.is_complete or model.finished_shards]
    if not begun:
        raise ResultError(f"No batch of the run in {run.folder.name!r} is finished yet.")
    declared = tuple(run.header.get("clusters", ()) if clusters is None else clusters)
    return [_scored(model, run.header, declared) for model in begun]


def _scored(model: ModelFolder, header: Mapping[str, Any], declared: Sequence[str]) -> ScoredRun:
    found = ScoredRun.of(
        model.name, model.tables(), header.get("tags", {}), model.place, declared, _identity(model, header)
    )
    if declared:
        declared_clusters(declared, found.cluster_columns)
    return found


def _identity(model: ModelFolder, header: Mapping[str, Any]) -> str:
    """Content hash and precision: what makes two runs those of one model."""
    provenance = model.info["provenance"]
    told = (provenance.get("model_hash", ""), provenance.get("dtype", ""), header["settings"].get("quantization", ""))
    return " ".join(map(str, told)) if told[0] else ""


def items_of_run(run: RunFolder) -> tuple[CorpusItem, ...]:
    """The items of the manifest that a run was made of.

    Raises:
        ModGapError: the manifest is not where it was, or was changed.
    """
    source = run.header.get("source")
    if source is None or not (run.folder / source).exists():
        raise ResultError(
            f"The manifest of the run {run.folder.name!r} is not where it was ({source or 'not kept'}), so its sounds "
            "cannot be heard; put it back, or make the run again."
        )
    items = read_manifest(run.folder / source, task=run.header.get("task", "")).items[: run.n_items]
    if Manifest.of("", items).content_hash != run.header["manifest"]["content_hash"]:
        raise ResultError(f"The manifest of the run {run.folder.name!r} was changed after the run; make the run again.")
    return items
