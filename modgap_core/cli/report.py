"""The command ``modgap report``: a run as one HTML file; needs no model."""

from __future__ import annotations

import argparse
from pathlib import Path

from modgap_core.cli.options import Commands, add_cluster_option
from modgap_core.extras import need_extra
from modgap_core.shipped import is_shipped_name


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("report", help="one HTML file of a run: tables and figures, no network needed")
    command.add_argument("folder", type=Path, help="of a run")
    command.add_argument("--out", type=Path, help="the file (default: report.html in the run; of a shipped run, here)")
    add_cluster_option(command)
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    need_extra("app", "The report", "plotly")
    from modgap_core.corpus.store.run_folder import load_run
    from modgap_core.report import write_report

    out = options.out or (Path("report.html") if is_shipped_name(options.folder) else None)
    print(f"Wrote {write_report(load_run(options.folder), out, options.cluster or None)}")
