"""An engine: the last batch first."""

from modgap_core.corpus.engine import Engine, EngineJob


def _run(job: EngineJob) -> None:
    from modgap_core.corpus.engine.local import write_results
    from modgap_core.corpus.engine.measure_batch import measure_batch, read_items

    for batch in reversed(job.batches):
        results = measure_batch(job.parts, job.settings, read_items(batch.items))
        write_results(job.folder.shard(batch.name), results, job.settings)
        job.progress.done += len(results)
        job.tell(job.progress)


BACKWARDS = Engine("backwards", "One process, the last batch first.", "toy", _run)
