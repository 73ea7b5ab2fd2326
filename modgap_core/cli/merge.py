"""The command ``modgap merge``: runs of one manifest, made apart, as one."""

from __future__ import annotations

import argparse
from pathlib import Path

from modgap_core.cli.options import Commands


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("merge", help="runs of one manifest, made apart, as one")
    command.add_argument("folders", type=Path, nargs="+")
    command.add_argument("--out", type=Path, required=True, help="the new run folder")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    from modgap_core.corpus.store.merge_runs import merge_runs

    run = merge_runs(options.folders, options.out)
    for model in run.models:
        missing = "complete" if model.is_complete else "some batches are missing or not put together: use --resume"
        print(f"{model.name}: {len(model.finished_shards)} batches, {missing}")
