"""The command ``modgap doctor``: what a model passes, and what could not be checked."""

from __future__ import annotations

import argparse

from rich.console import Console

from modgap_core.cli.options import UNIT_TOKENIZER_HELP, Commands, add_load_options, load


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("doctor", help="check a model: what it passes, what could not be checked")
    command.add_argument("model", nargs="?", default=None, help="a folder or hub id; by default modgap-mini")
    command.add_argument("--unit-tokenizer", metavar="MODULE:FUNCTION", help=UNIT_TOKENIZER_HELP)
    add_load_options(command)
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from modgap_core.cli.print_diagnosis import print_diagnosis
    from modgap_core.models.doctor import diagnose

    diagnosis = diagnose(load(options, options.model))
    print_diagnosis(diagnosis, Console())
    return 0 if diagnosis.passed else 1
