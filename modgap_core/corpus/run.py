"""`run_corpus`: a manifest and models to a run folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modgap_core.corpus.batches import ItemBatch, make_batches
from modgap_core.corpus.cluster_choice import cluster_columns, declared_clusters
from modgap_core.corpus.engine_parts import load_parts
from modgap_core.corpus.local_engine import run_batches
from modgap_core.corpus.manifest import Manifest
from modgap_core.corpus.progress import RunProgress, Tell, nobody
from modgap_core.corpus.ray_engine import RayJob, run_batches_on_ray
from modgap_core.corpus.run_folder import ModelFolder, RunFolder, only_writer, open_model, open_run
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.errors import ModGapError
from modgap_core.extras import need_extra

LOCAL, RAY = "local", "ray"
ENGINES = (LOCAL, RAY)


@dataclass(frozen=True)
class Execution:
    """How a run is carried out; none of it changes a result.

    Attributes:
        engine: ``local`` or ``ray``.
        workers: of ray; 0 is one a GPU.
        address: of a Ray cluster.
        part: (k, n): only every n-th batch, from the k-th, 1 <= k <= n; the parts are merged afterwards.
        load: further arguments of `load_parts`: device, device_map, trust_remote_code, unit_tokenizer.

    Raises:
        ModGapError: the engine is unknown or not installed, or there is no such part.
    """

    engine: str = LOCAL
    workers: int = 0
    address: str | None = None
    part: tuple[int, int] = (1, 1)
    load: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise ModGapError(f"Unknown engine {self.engine!r}; choose from {', '.join(ENGINES)}.")
        if self.engine == RAY:
            need_extra("ray", "The engine ray", "ray")
        if not 1 <= self.part[0] <= self.part[1]:
            raise ModGapError(f"Part {self.part[0]}/{self.part[1]} is not there; write K/N with K from 1 to N.")


def run_corpus(
    manifest: Manifest,
    models: Sequence[str | None],
    out: str | Path,
    settings: CorpusSettings | None = None,
    execution: Execution | None = None,
    resume: bool = False,
    tags: Mapping[str, str] | None = None,
    tell: Tell = nobody,
    clusters: Sequence[str] = (),
) -> RunFolder:
    """Run models over a corpus; what is finished is on disk batch by batch.

    Args:
        manifest: from `read_manifest`.
        models: folders or hub ids; None is modgap-mini.
        out: the run's folder.
        settings: what is asked for.
        execution: how it is carried out.
        resume: go on with the run in `out`.
        tags: what the models of the run have in common (family, tuning, step ...), for regressions over runs.
        tell: told after each batch.
        clusters: columns of the manifest that tell clusters apart (speaker, question ...), for intervals and tests;
            empty where they are to be found.

    Returns:
        The run.

    Raises:
        ModGapError: a column to cluster by is not there, a model cannot be loaded, the folder cannot be used, or the
            disk is full.
    """
    settings, execution = settings or CorpusSettings(), execution or Execution()
    if clusters:
        slices = dict.fromkeys(name for item in manifest.items for name in item.slices)
        declared_clusters(clusters, cluster_columns(slices))
    run = open_run(out, manifest, settings, resume, tags, clusters=clusters)
    batches = make_batches(manifest.items, settings.batch_size, settings.batch_seconds)
    with only_writer(run.folder):
        for model in models:
            _run_model(run, manifest, model, settings, execution, batches, tell)
    return run


def _run_model(
    run: RunFolder,
    manifest: Manifest,
    model: str | None,
    settings: CorpusSettings,
    execution: Execution,
    batches: Sequence[ItemBatch],
    tell: Tell,
) -> None:
    part, n_parts = execution.part
    mine = [batch for batch in batches if batch.number % n_parts == part - 1]
    progress = RunProgress(sum(len(batch.items) for batch in mine), what="Loading the models")
    tell(progress)
    load = {"model": model, "items": manifest.items, **execution.load}
    parts = load_parts(settings=settings, **load)
    folder = open_model(run, parts, model)
    folder.tidy()
    finished = {batch.name for batch in mine} if folder.is_complete else folder.finished_shards
    progress.before = progress.done = sum(len(batch.items) for batch in mine if batch.name in finished)
    progress.restart(folder.name)
    tell(progress)
    todo = [batch for batch in mine if batch.name not in finished]
    if execution.engine == LOCAL:
        run_batches(parts, settings, todo, folder, progress, tell)
    elif todo:
        del parts
        job = RayJob(load, settings, ModelFolder(folder.folder.absolute()))
        run_batches_on_ray(job, todo, progress, tell, execution.workers, execution.address)
    if not folder.is_complete and folder.finished_shards >= {batch.name for batch in batches}:
        folder.complete()
