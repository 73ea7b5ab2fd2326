"""The command ``modgap list``: everything that is chosen by name, and which package it comes from."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from modgap_core.cli.options import Commands
from modgap_core.errors import ModGapError
from modgap_core.open_points import OPEN_POINTS, registry
from modgap_core.registry import Offer, Registry


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("list", help="what can be chosen by name: quantities, methods, engines, plug-ins ...")
    command.add_argument("kind", nargs="?", default="", help=f"one of {', '.join(OPEN_POINTS)} (default: all)")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    console = Console()
    for word in [options.kind] if options.kind else OPEN_POINTS:
        try:
            found = registry(word)
        except ModGapError as error:
            if options.kind:
                raise
            console.print(Text(f"{word}: {error}"))
            continue
        console.print(_table(word, found))


def _table(word: str, found: Registry[object]) -> Table:
    columns = ("name", Column("what", overflow="fold"), "source", "from")
    table = Table(*columns, title=f"{word} (entry points {found.group})", title_justify="left")
    for offer in found.offers():
        table.add_row(offer.name, Text(_what(offer)), Text(str(getattr(offer.entry, "source", ""))), offer.origin)
    return table


def _what(offer: Offer) -> str:
    """A sentence on an entry, or why it cannot be used."""
    if offer.problem:
        return f"NOT USABLE: {offer.problem}"
    told = getattr(offer.entry, "sentence", "") or getattr(offer.entry, "title", "")
    return str(told or (offer.entry.__doc__ or "").strip().partition("\n")[0])
