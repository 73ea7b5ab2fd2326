"""The command ``modgap analyze``: a clip against its transcript."""

from __future__ import annotations

import argparse

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


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("analyze", help="compare a clip with its transcript inside a model")
    add_pair_options(command)
    command.add_argument("--no-null", action="store_true", help="leave out the null reference")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    refuse_no_tokens(options)
    expected, measures = expected_of(options), measures_of(options)
    with progress_bar() as report:
        from modgap_core.analysis.pair import analyze_pair
        from modgap_core.audio.load import as_clip
        from modgap_core.cli.print_pair import print_result
        from modgap_core.results.store import save_result
        from modgap_core.transcript import check_transcript

        clip, text = as_clip(options.clip), check_transcript(options.text)
        result = analyze_pair(
            load(options, options.model, clip),
            clip,
            text,
            reference=expected,
            null=not options.no_null,
            measures=measures,
            max_new_tokens=options.max_new_tokens,
            report=report,
        )
    folder = save_result(result, options.out)
    print_result(result, Console())
    print(f"Saved to {folder}. Open it by modgap app (Input: Saved result), or with: modgap show {folder}")
