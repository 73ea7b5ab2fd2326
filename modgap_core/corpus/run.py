"""`run_corpus`: a manifest and models to a run folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from modgap_core.corpus.engine import ENGINES, EngineJob, Execution, Loading
from modgap_core.corpus.engine.batches import ItemBatch, make_batches
from modgap_core.corpus.engine.open_model import open_model
from modgap_core.corpus.engine.progress import RunProgress, Tell, nobody
from modgap_core.corpus.manifest.read import Manifest, read_manifest
from modgap_core.corpus.read.cluster_choice import cluster_columns, declared_clusters
from modgap_core.corpus.read.opened_run import Run, open_run
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.corpus.store.run_folder import ModelFolder, RunFolder, begin_run, only_writer
from modgap_core.interventions.condition import Condition
from modgap_core.metrics import Measures

OnItem = Callable[[Mapping[str, Any]], None]
"""Told of each item when its batch is finished: the item's row in the table of items, and its ``answers`` and primary
``scores`` by condition."""


def run_corpus(  # noqa: PLR0913 - each of them is one that a user may want to give
    manifest: Manifest | str | Path,
    models: Sequence[str | None] = (None,),
    out: str | Path = "run",
    settings: CorpusSettings | None = None,
    execution: Execution | None = None,
    resume: bool = False,
    tags: Mapping[str, str] | None = None,
    tell: Tell = nobody,
    clusters: Sequence[str] = (),
    *,
    conditions: Sequence[Condition] | None = None,
    measures: Measures | None = None,
    on_item: OnItem | None = None,
) -> Run:
    """Run models over a corpus; what is finished is on disk batch by batch.

    Args:
        manifest: from `read_manifest`, or what it reads.
        models: folders or hub ids; None is modgap-mini.
        out: the run's folder.
        settings: what is asked for.
        execution: how it is carried out.
        resume: go on with the run in `out`.
        tags: what the models of the run have in common (family, tuning, step ...), for regressions over runs.
        tell: told after each batch.
        clusters: columns of the manifest that tell clusters apart (speaker, question ...), for intervals and tests;
            empty where they are to be found.
        conditions: any interventions, in place of those of the settings.
        measures: similarity functions, paths and quantities, in place of those of the settings.
        on_item: told of each item, of finished batches, in the order of the batches' ends; not of those that a resumed
            run had finished before.

    Returns:
        The run, with its tables.

    Raises:
        ModGapError: a column to cluster by is not there, a model cannot be loaded, the folder cannot be used, or the
            disk is full.
    """
    manifest = manifest if isinstance(manifest, Manifest) else read_manifest(manifest)
    settings, execution = settings or CorpusSettings(), execution or Execution()
    settings = replace(
        settings,
        conditions=settings.conditions if conditions is None else tuple(conditions),
        measures=measures or settings.measures,
    )
    if clusters:
        slices = dict.fromkeys(name for item in manifest.items for name in item.slices)
        declared_clusters(clusters, cluster_columns(slices))
    run = begin_run(out, manifest, settings, resume, tags, clusters=clusters)
    batches = make_batches(manifest.items, settings.batch_size, settings.batch_seconds)
    with only_writer(run.folder):
        for model in models:
            _run_model(run, Loading(model, settings, manifest.items, execution), batches, tell, on_item)
    return open_run(run.folder)


def _run_model(
    run: RunFolder, loading: Loading, batches: Sequence[ItemBatch], tell: Tell, on_item: OnItem | None
) -> None:
    part, n_parts = loading.execution.part
    mine = [batch for batch in batches if batch.number % n_parts == part - 1]
    progress = RunProgress(sum(len(batch.items) for batch in mine), what="Loading the models")
    tell(progress)
    parts = loading.parts()
    folder = open_model(run, parts, loading.model)
    folder.tidy()
    finished = {batch.name for batch in mine} if folder.is_complete else folder.finished_shards
    progress.before = progress.done = sum(len(batch.items) for batch in mine if batch.name in finished)
    progress.restart(folder.name)
    tell(progress)
    todo = [batch for batch in mine if batch.name not in finished]
    watch = tell if on_item is None else _telling_items(tell, on_item, folder, {batch.name for batch in todo})
    ENGINES.get(loading.execution.engine).run(EngineJob(loading, parts, todo, folder, progress, watch))
    watch(progress)
    if not folder.is_complete and folder.finished_shards >= {batch.name for batch in batches}:
        folder.complete()


def _telling_items(tell: Tell, on_item: OnItem, folder: ModelFolder, waiting: set[str]) -> Tell:
    """Tells of the items of each batch that has come to be on disk, then of the progress."""

    def told(progress: RunProgress) -> None:
        for name in sorted(waiting & folder.finished_shards):
            waiting.discard(name)
            for row in folder.rows_of_shard(name):
                on_item(row)
        tell(progress)

    return told
