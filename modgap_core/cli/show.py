"""The command ``modgap show``: a result or a run in the terminal; needs no model."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from modgap_core.cli.options import Commands, add_cluster_option
from modgap_core.shipped import given_path


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("show", help="print a result (its folder or its zip), or a run of a corpus")
    command.add_argument("folder", type=Path, metavar="FOLDER_OR_ZIP")
    add_cluster_option(command)
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    given = given_path(options.folder)
    if (given / "run.json").exists():
        from modgap_core.cli.print_run import print_run
        from modgap_core.corpus.store.run_folder import load_run

        print_run(load_run(given), Console(), options.cluster or None)
        return
    from modgap_core.results.bundle import opened_result

    with opened_result(given) as folder:
        _show_result(folder)


def _show_result(folder: Path) -> None:
    from modgap_core.results.store import load_result, read_format

    if read_format(folder).startswith("modgap-intervention-"):
        from modgap_core.cli.print_intervention import print_intervention
        from modgap_core.interventions.store import load_intervention

        print_intervention(load_intervention(folder), Console())
    else:
        from modgap_core.cli.print_pair import print_result

        print_result(load_result(folder), Console())
