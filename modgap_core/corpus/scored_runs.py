"""From a run folder to its models' tables."""

from __future__ import annotations

from modgap_core.corpus.item import CorpusItem
from modgap_core.corpus.manifest import Manifest, read_manifest
from modgap_core.corpus.run_folder import RunFolder
from modgap_core.corpus.tables import ScoredRun
from modgap_core.errors import ResultError


def scored_runs(run: RunFolder) -> list[ScoredRun]:
    """Each model of a run that has a finished batch.

    Raises:
        ResultError: no batch of any model is finished, or a table is broken.
    """
    begun = [model for model in run.models if model.is_complete or model.finished_shards]
    if not begun:
        raise ResultError(f"No batch of the run in {run.folder.name!r} is finished yet.")
    return [ScoredRun.of(model.name, model.tables(), run.header.get("tags", {}), model.place) for model in begun]


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
