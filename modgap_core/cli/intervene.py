"""The command ``modgap intervene``: change speech states, compare geometry and answer."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from modgap_core.cli.options import (
    Commands,
    add_pair_options,
    expected_of,
    load,
    measures_of,
    progress_bar,
    refuse_no_tokens,
)
from modgap_core.interventions.method import METHODS

if TYPE_CHECKING:
    from modgap_core.interventions.condition import Condition


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("intervene", help="change speech states and compare geometry and answer")
    add_pair_options(command)
    command.add_argument(
        "--method",
        help=f"one of {', '.join(METHODS.names())} (modgap list methods says what each does and uses); without it the "
        "paper's table with its controls",
    )
    command.add_argument("--tokens", default="bottom:3", help="bottom:K, all, picked:I,J, random:K or span")
    command.add_argument("--strength", type=float, default=1.0, help="0 to 1 (default: 1, the paper's)")
    command.add_argument("--path-layer", default="mean", help="layer whose path chooses tokens, or mean (default)")
    command.add_argument("--edit-layers", default="0", help="where states are changed: 0 (default), 0-3 or 2,5")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    refuse_no_tokens(options)
    expected, measures = expected_of(options), measures_of(options)
    with progress_bar() as report:
        from modgap_core.audio.load import as_clip
        from modgap_core.cli.print_intervention import print_intervention
        from modgap_core.interventions.run import intervene
        from modgap_core.interventions.store import save_intervention
        from modgap_core.transcript import check_transcript

        conditions = _conditions(options)
        clip, text = as_clip(options.clip), check_transcript(options.text)
        result = intervene(
            load(options, options.model, clip),
            clip,
            text,
            conditions,
            reference=expected,
            measures=measures,
            max_new_tokens=options.max_new_tokens,
            report=report,
        )
    folder = save_intervention(result, options.out)
    print_intervention(result, Console())
    print(f"Saved to {folder}. Print it again with: modgap show {folder}")


def _conditions(options: argparse.Namespace) -> Sequence[Condition] | None:
    """The one condition of the options, or None for the paper's table."""
    if options.method is None:
        return None
    from modgap_core.interventions.condition import Condition, parse_layers, parse_path_layer
    from modgap_core.interventions.token_choice import TokenChoice

    return [
        Condition(
            method=options.method,
            tokens=TokenChoice.parse(options.tokens),
            strength=options.strength,
            path_layer=parse_path_layer(options.path_layer),
            edit_layers=parse_layers(options.edit_layers),
        )
    ]
