"""The local engine against the plain loop over `analyze_pair`; memory against the corpus's size; ray with 2 workers."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from itertools import count, cycle, islice
from pathlib import Path

import torch

from benchmarks.timing import median_ratio, print_table, side_by_side
from modgap_core.analysis.pair import analyze_pair
from modgap_core.corpus.engine import RAY, Execution
from modgap_core.corpus.engine.batches import make_batches
from modgap_core.corpus.engine.local import run_batches
from modgap_core.corpus.engine.parts import EngineParts, load_parts
from modgap_core.corpus.engine.progress import RunProgress
from modgap_core.corpus.manifest.read import Manifest, read_manifest
from modgap_core.corpus.run import run_corpus
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.corpus.store.run_folder import ModelFolder
from modgap_core.shipped import shipped_path

MANIFEST = shipped_path("mini-corpus/manifest.csv")
ROUNDS, N_PAIRS, MAX_NEW_TOKENS = 3, 96, 24
BATCH_SIZES = (1, 8, 16, 32)
N_RAY = 1000


def settings(batch_size: int) -> CorpusSettings:
    """As the plain loop: both answers, all quantities, a null reference of 20."""
    return CorpusSettings(batch_size=batch_size, max_new_tokens=MAX_NEW_TOKENS)


def repeated(manifest: Manifest, n: int) -> Manifest:
    """The corpus again and again, up to n items."""
    again = islice(zip(count(), cycle(manifest.items), strict=False), n)
    return Manifest.of(manifest.name, [replace(item, row=row, id=f"{row}") for row, item in again], manifest.source)


def contenders(manifest: Manifest) -> dict[str, Callable[[], object]]:
    """The plain loop, and the local engine at several batch sizes, on the same pairs; models are loaded before."""
    parts = load_parts(None, settings(1), manifest.items)
    numbers = count()

    def plain() -> None:
        for item in manifest.items:
            analyze_pair(parts.model, item.clip(), item.transcript, max_new_tokens=MAX_NEW_TOKENS)

    def engine(size: int) -> Callable[[], object]:
        folder = Path(tempfile.mkdtemp())

        def run() -> None:
            target = ModelFolder(folder / str(next(numbers)))
            batches = make_batches(manifest.items, size, settings(size).batch_seconds)
            run_batches(parts, settings(size), batches, target, RunProgress(len(manifest.items)))

        return run

    return {"plain": plain, **{str(size): engine(size) for size in BATCH_SIZES}}


def peak_mb(n: int) -> float:
    """Peak memory of a process of its own that runs n pairs, less that after its first 32."""
    code = f"from benchmarks.corpus import grown_mb; print(grown_mb({n}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def grown_mb(n: int) -> float:
    """In this process: by how many MB the peak rises from the first 32 of n pairs to the last."""
    manifest = repeated(read_manifest(MANIFEST), n)
    parts: EngineParts = load_parts(None, settings(16), manifest.items)
    batches = make_batches(manifest.items, 16, settings(16).batch_seconds)
    peaks: list[float] = []

    def tell(_progress: RunProgress) -> None:
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    first, last = batches[-2:], batches[:-2]  # the longest clips first: later batches need no more
    run_batches(parts, settings(16), [*first, *last], ModelFolder(Path(tempfile.mkdtemp())), RunProgress(n), tell)
    return peaks[-1] - peaks[1]


def seconds_of(engine: Execution, manifest: Manifest) -> float:
    """A whole run, loading included."""
    start_s = time.perf_counter()
    run_corpus(manifest, [None], Path(tempfile.mkdtemp()) / "run", settings(16), engine)
    return time.perf_counter() - start_s


def main() -> None:
    """Print the figures on modgap-mini and the corpus that ships."""
    manifest = read_manifest(MANIFEST)
    seconds = side_by_side(contenders(manifest.first(N_PAIRS)), ROUNDS)
    rows = {"plain loop over analyze_pair": f"{N_PAIRS / min(seconds['plain']):.1f} pairs a second"}
    for size in map(str, BATCH_SIZES):
        ratio = median_ratio(seconds["plain"], seconds[size])
        rows[f"local engine, batch {size}"] = f"{N_PAIRS / min(seconds[size]):.1f} pairs a second, {ratio:.1f} times"
    rows["growth of peak memory after 32 pairs: 200; 2,000 pairs"] = f"{peak_mb(200):.0f}; {peak_mb(2000):.0f} MB"
    if find_spec("ray") is not None:
        many = repeated(manifest, N_RAY)
        local, ray = (seconds_of(e, many) for e in (Execution(), Execution(RAY, workers=2)))
        rows[f"{N_RAY} pairs, loading included: local; ray with 2 workers"] = f"{local:.0f}; {ray:.0f} s"
    print_table(f"Corpus on modgap-mini, {torch.get_num_threads()} threads, {ROUNDS} rounds (goal: 3 times)", rows)


if __name__ == "__main__":
    main()
