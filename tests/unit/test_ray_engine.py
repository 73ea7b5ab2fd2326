"""The same corpus on Ray: two workers, one of them killed in the middle."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from modgap_core.corpus.engine.engines import LOCAL, RAY
from modgap_core.corpus.engine.execution import Execution
from modgap_core.corpus.engine.progress import RunProgress
from modgap_core.corpus.manifest.read import read_manifest
from modgap_core.corpus.run import run_corpus
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.errors import ModGapError
from modgap_core.shipped import shipped_path

pytest.importorskip("ray")
MANIFEST = shipped_path("mini-corpus/manifest.csv")
SETTINGS = CorpusSettings(max_new_tokens=12, n_null=3, batch_size=4)


def worker_pids() -> list[int]:
    """Processes of Ray's actors, by the names that Ray gives them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            title = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if title.startswith("ray::") and "Map" in title:
            found.append(int(folder.name))
    return found


@pytest.mark.slow
def test_a_killed_worker_costs_its_batch_and_not_the_run(tmp_path: Path) -> None:
    import ray

    manifest = read_manifest(MANIFEST).first(60)
    killed: list[int] = []

    def kill_one(progress: RunProgress) -> None:
        if progress.done >= 8 and not killed:
            killed.append(worker_pids()[0])
            os.kill(killed[0], signal.SIGKILL)

    try:
        on_ray = run_corpus(manifest, [None], tmp_path / "ray", SETTINGS, Execution(RAY, workers=2), tell=kill_one)
    finally:
        ray.shutdown()
    local = run_corpus(manifest, [None], tmp_path / "local", SETTINGS, Execution(LOCAL))
    assert killed
    one, other = (run.models[0].tables() for run in (on_ray, local))
    assert list(one.items.row) == list(other.items.row) == list(range(60))
    assert one.answers.equals(other.answers)
    assert one.scores.equals(other.scores)
    for name in ("cosine", "aps_term_cosine", "euclidean"):
        assert (one.layers[name] - other.layers[name]).abs().max() < 1e-3


def test_no_cluster_at_the_address(tmp_path: Path) -> None:
    execution = Execution(RAY, address="127.0.0.1:1")
    with pytest.raises(ModGapError, match=r"There is no Ray cluster at '127\.0\.0\.1:1'"):
        run_corpus(read_manifest(MANIFEST).first(2), [None], tmp_path / "r", SETTINGS, execution)
