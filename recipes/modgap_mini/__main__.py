"""``python -m recipes.modgap_mini [train|evaluate|corpus|checkpoints|all]``: the whole recipe, resumable."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from modgap_core.shipped import shipped_path

ROOT = Path(__file__).resolve().parents[2]
SEED = 20251012
# Freed training buffers go back to the kernel by default and cost half the time in page faults.
_MALLOC = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "8000000000"}


def main() -> None:
    """Run the stages that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m recipes.modgap_mini", description=__doc__)
    parser.add_argument(
        "stage", nargs="?", default="all", choices=("train", "evaluate", "corpus", "checkpoints", "all")
    )
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "mini", help="clips and checkpoints")
    parser.add_argument("--assets", type=Path, default=shipped_path(), help="where models and examples go")
    options = parser.parse_args()
    if not set(_MALLOC) <= set(os.environ):
        os.execve(
            sys.executable, [sys.executable, "-m", "recipes.modgap_mini", *sys.argv[1:]], {**os.environ, **_MALLOC}
        )
    from recipes.modgap_mini.recipe import checkpoints_and_run, corpus_and_run, evaluate_and_choose, train_all

    if options.stage in ("train", "all"):
        train_all(options.work, options.assets, SEED)
    if options.stage in ("evaluate", "all"):
        evaluate_and_choose(options.work, options.assets)
    if options.stage in ("corpus", "all"):
        corpus_and_run(options.work, options.assets, SEED)
    if options.stage in ("checkpoints", "all"):
        checkpoints_and_run(options.work, options.assets)


if __name__ == "__main__":
    main()
