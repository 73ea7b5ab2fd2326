"""The Ray engine: the same function on Ray Data, one actor a GPU (or worker), each writing its own shards."""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modgap_core.corpus.batches import ItemBatch
from modgap_core.corpus.local_engine import write_results
from modgap_core.corpus.measure_batch import measure_batch, read_items
from modgap_core.corpus.progress import RunProgress, Tell, nobody
from modgap_core.corpus.run_folder import ModelFolder
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.errors import ModGapError

_CONNECT_TIMEOUT_S = 10


@dataclass(frozen=True)
class RayJob:
    """What an actor needs to load its parts.

    Attributes:
        load: arguments of `load_parts`.
        settings: of the run.
        folder: of the model's results; on a cluster it lies on a file system that all machines share.
    """

    load: dict[str, Any]
    settings: CorpusSettings
    folder: ModelFolder


class BatchWorker:
    """An actor: loads the models once, then measures, scores and writes batches."""

    def __init__(self, job: RayJob) -> None:
        from modgap_core.corpus.engine_parts import load_parts

        self.job, self.parts = job, load_parts(settings=job.settings, **job.load)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """One batch; a batch that was finished before a worker died is not run again."""
        batch: ItemBatch = row["item"]
        shard = self.job.folder.shard(batch.name)
        if shard.is_dir():
            return {"done": len(batch.items), "failed": 0}
        results = measure_batch(self.parts, self.job.settings, read_items(batch.items))
        write_results(shard, results, self.job.settings)
        return {"done": len(results), "failed": sum(bool(result.error) for result in results)}


def run_batches_on_ray(
    job: RayJob,
    batches: Sequence[ItemBatch],
    progress: RunProgress,
    tell: Tell = nobody,
    workers: int = 0,
    address: str | None = None,
) -> None:
    """Run batches on Ray and wait for them.

    Args:
        job: what each actor loads.
        batches: those that are not finished.
        progress: counted on.
        tell: told after each batch.
        workers: actors; 0 is one a GPU, or one where there is no GPU.
        address: of a cluster; None begins Ray on this machine.

    Raises:
        ModGapError: the cluster is not there.
    """
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
