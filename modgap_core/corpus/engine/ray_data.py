"""The Ray engine: the same function on Ray Data, one actor a GPU (or worker), each writing its own shards."""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modgap_core.corpus.engine.batches import ItemBatch
from modgap_core.corpus.engine.engine import EngineJob, Loading
from modgap_core.corpus.engine.local import write_results
from modgap_core.corpus.engine.measure_batch import measure_batch, read_items
from modgap_core.corpus.engine.progress import RunProgress, Tell
from modgap_core.corpus.store.run_folder import ModelFolder
from modgap_core.errors import ModGapError

_CONNECT_TIMEOUT_S = 10


@dataclass(frozen=True)
class RayJob:
    """What an actor needs.

    Attributes:
        loading: of the models.
        folder: of the model's results; on a cluster it lies on a file system that all machines share.
    """

    loading: Loading
    folder: ModelFolder


class BatchWorker:
    """An actor: loads the models once, then measures, scores and writes batches.

    What installed packages offer is found here too: entry points belong to the environment, not to a process.
    """

    def __init__(self, job: RayJob) -> None:
        self.job, self.parts = job, job.loading.parts()

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """One batch; a batch that was finished before a worker died is not run again."""
        batch: ItemBatch = row["item"]
        shard = self.job.folder.shard(batch.name)
        if shard.is_dir():
            return {"done": len(batch.items), "failed": 0}
        settings = self.job.loading.settings
        results = measure_batch(self.parts, settings, read_items(batch.items))
        write_results(shard, results, settings)
        return {"done": len(results), "failed": sum(bool(result.error) for result in results)}


def run_job(job: EngineJob) -> None:
    """Run a job's batches on Ray and wait for them.

    Raises:
        ModGapError: the cluster is not there.
    """
    if job.batches:
        execution = job.loading.execution
        there = RayJob(job.loading, ModelFolder(job.folder.folder.absolute()))
        _run_on_ray(there, job.batches, job.progress, job.tell, execution.workers, execution.address)


def _run_on_ray(
    job: RayJob, batches: Sequence[ItemBatch], progress: RunProgress, tell: Tell, workers: int, address: str | None
) -> None:
    import ray

    if address is not None:
        _refuse_no_cluster(address)
    try:
        ray.init(
            address=address,
            ignore_reinit_error=True,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ModGapError(f"There is no Ray cluster at {address!r} ({error}); check --address.") from error
    n_gpus = int(ray.cluster_resources().get("GPU", 0))
    workers = workers or max(n_gpus, 1)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
    data = ray.data.from_items(list(batches), override_num_blocks=len(batches)).map(
        BatchWorker,
        fn_constructor_args=(job,),
        compute=ray.data.ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=1),
        num_gpus=1 if n_gpus else None,
        num_cpus=1,
    )
    for row in data.iter_rows():
        progress.done += row["done"]
        progress.failed += row["failed"]
        tell(progress)


def _refuse_no_cluster(address: str) -> None:
    """Ask the port first: Ray itself waits for minutes, then ends the process."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():  # "auto" and names
        return
    try:
        socket.create_connection((host, int(port)), _CONNECT_TIMEOUT_S).close()
    except OSError as error:
        raise ModGapError(f"There is no Ray cluster at {address!r} ({error}); check --address.") from error
