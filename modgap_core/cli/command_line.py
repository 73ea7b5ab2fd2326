"""The command line: ``modgap analyze``, ``intervene``, ``doctor``, ``assemble``, ``corpus``, ``show``, ``app`` ...

Bad input ends with exit status 2 and one sentence, the same that the app shows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from modgap_core.cli import analyze, app, assemble, corpus, doctor, intervene, listing, merge, report, shipped, show
from modgap_core.errors import ModGapError
from modgap_core.version import __version__

COMMANDS = (analyze, intervene, doctor, assemble, corpus, report, merge, show, app, shipped, listing)
"""A module a command, in the order of the help."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: without the program's name; by default those of the process.

    Returns:
        Exit status: 0, 1 for a model that the doctor finds ill, 2 for bad input, 130 if it was stopped.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options) or 0
    except ModGapError as error:
        print(f"modgap: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("modgap: stopped.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="modgap", description="The modality gap of speech language models, seen inside."
    )
    parser.add_argument("--version", action="version", version=f"modgap {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
