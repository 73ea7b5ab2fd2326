"""Kill a run at random moments, resume it, and compare its tables with an uninterrupted run, byte for byte."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.corpus import MANIFEST

N_KILLS, SEED = 20, 3
OPTIONS = ["--interventions", "paper", "--asr", "mini", "--max-new-tokens", "24", "--batch-size", "8", "--limit", "200"]


def command(out: Path, resume: bool) -> list[str]:
    """The command of a user."""
    resumed = ["--resume"] if resume else []
    return [
        sys.executable,
        "-m",
        "modgap_core.cli.command_line",
        "corpus",
        str(MANIFEST),
        "--out",
        str(out),
        *OPTIONS,
        *resumed,
    ]


def tables_of(out: Path) -> dict[str, str]:
    """Hashes of the final tables."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(out.glob("*/tables/*"))}


def main() -> None:
    """Print whether the tables are the same."""
    rng, folder = random.Random(SEED), Path(tempfile.mkdtemp())
    start_s = time.monotonic()
    subprocess.run(command(folder / "whole", False), check=True, capture_output=True)
    whole_s = time.monotonic() - start_s
    kills = n_runs = n_same = 0
    while kills < N_KILLS:
        out = folder / f"killed{n_runs}"
        while not tables_of(out):
            kills += killed(out, rng.uniform(0.1, 0.6) * whole_s if kills < N_KILLS else None)
        n_runs += 1
        n_same += tables_of(out) == tables_of(folder / "whole")
        print(f"killed {kills} times; {n_same} of {n_runs} runs have the uninterrupted run's tables", flush=True)


def killed(out: Path, after_s: float | None) -> bool:
    """Begin or resume the run; whether it had to be killed."""
    resume = (out / "run.json").exists()
    process = subprocess.Popen(command(out, resume), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    if process.returncode:
        raise SystemExit(f"The resumed run ended with {process.returncode}.")
    return False


if __name__ == "__main__":
    main()
