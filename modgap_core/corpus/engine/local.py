"""The local engine: one process; sounds are read ahead and results written behind the model, in two threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from modgap_core.corpus.engine.batches import ItemBatch
from modgap_core.corpus.engine.engine import EngineJob
from modgap_core.corpus.engine.measure_batch import ReadItem, measure_batch, read_items
from modgap_core.corpus.engine.parts import EngineParts
from modgap_core.corpus.engine.progress import RunProgress, Tell, nobody
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.corpus.store.item_result import ItemResult
from modgap_core.corpus.store.run_folder import ModelFolder
from modgap_core.corpus.store.shard import tables_of, write_tables


def run_job(job: EngineJob) -> None:
    """Run a job's batches in this process."""
    run_batches(job.parts, job.settings, job.batches, job.folder, job.progress, job.tell)


def run_batches(
    parts: EngineParts,
    settings: CorpusSettings,
    batches: Sequence[ItemBatch],
    folder: ModelFolder,
    progress: RunProgress,
    tell: Tell = nobody,
) -> None:
    """Run batches and write each as a shard.

    At most three batches are in memory: one read ahead, one in the model, one being written.

    Args:
        parts: the loaded models.
        settings: of the run.
        batches: those that are not finished.
        folder: of this model.
        progress: counted on.
        tell: told after each batch.

    Raises:
        ResultError: the disk is full.
    """
    with ThreadPoolExecutor(1) as writer:
        writing: Future[None] | None = None
        for batch, items in _read_ahead(batches):
            results = measure_batch(parts, settings, items)
            if writing is not None:
                writing.result()
            writing = writer.submit(write_results, folder.shard(batch.name), results, settings)
            progress.done += len(results)
            progress.failed += sum(bool(result.error) for result in results)
            tell(progress)
        if writing is not None:
            writing.result()


def write_results(shard: Path, results: Sequence[ItemResult], settings: CorpusSettings) -> None:
    """Score a batch and write it."""
    write_tables(shard, tables_of(results, settings.scorers, settings.measures))


def _read_ahead(batches: Sequence[ItemBatch]) -> Iterator[tuple[ItemBatch, list[ReadItem | ItemResult]]]:
    with ThreadPoolExecutor(1) as reader:
        ahead: Future[list[ReadItem | ItemResult]] | None = None
        for number, batch in enumerate(batches):
            now = ahead or reader.submit(read_items, batch.items)
            following = batches[number + 1 : number + 2]
            ahead = reader.submit(read_items, following[0].items) if following else None
            yield batch, now.result()
