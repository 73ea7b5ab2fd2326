"""The command ``modgap shipped``: what ships, by the names that other commands take."""

from __future__ import annotations

import argparse

from modgap_core.cli.options import Commands
from modgap_core.shipped import shipped_names, shipped_path


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    shipped = commands.add_parser("shipped", help="list examples, corpus, runs and models that ship with ModGap")
    shipped.set_defaults(run=_run)


def _run(_options: argparse.Namespace) -> None:
    names = shipped_names()
    width = max(map(len, names))
    for name, words in names.items():
        print(f"{name:<{width}}  {words}")
    print(f"\nThe files lie in {shipped_path()}. The names stand for them wherever a file or folder is asked for:")
    clip, text = next(iter(names.items()))
    print(f'  modgap analyze {clip} --text "{text}" --out result/')
    print("  modgap corpus shipped:mini-corpus/manifest.csv --limit 4 --out run/")
