"""The command line: ``modgap analyze`` and ``modgap show``.

Bad input ends with exit status 2 and one sentence, the same that the app shows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from modgap_core.errors import ModGapError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: without the program's name; by default those of the process.

    Returns:
        Exit status: 0, or 2 for bad input.
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except ModGapError as error:
        print(f"modgap: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="modgap", description="The modality gap of speech language models, seen inside."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    analyze = commands.add_parser("analyze", help="compare a clip with its transcript inside a model")
    analyze.add_argument("clip", help="a sound file (wav, flac, mp3, ogg, m4a ...)")
    analyze.add_argument("--text", required=True, help="the transcript: what is said in the clip")
    analyze.add_argument("--model", default=None, help="a folder or hub id; by default modgap-mini, which ships")
    analyze.add_argument("--out", type=Path, required=True, help="folder for the result")
    analyze.add_argument("--reference", default="", help="the right answer, kept with the result")
    analyze.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    analyze.add_argument("--dtype", default="auto", help="auto, float32, bfloat16 or float16 (default: auto)")
    analyze.add_argument("--no-null", action="store_true", help="leave out the null reference")
    analyze.add_argument("--max-new-tokens", type=int, default=64, help="longest answer (default: 64)")
    analyze.set_defaults(run=_analyze)
    show = commands.add_parser("show", help="print a result folder")
    show.add_argument("folder", type=Path)
    show.set_defaults(run=_show)
    return parser


def _show(options: argparse.Namespace) -> None:
    from modgap_core.results.print_result import print_result
    from modgap_core.results.store import load_result

    print_result(load_result(options.folder), Console())


def _analyze(options: argparse.Namespace) -> None:
    if options.max_new_tokens < 1:
        raise ModGapError(f"--max-new-tokens is {options.max_new_tokens}; it must be at least 1.")
    console = Console(stderr=True)
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Loading the model", total=1.0)
        from modgap_core.analysis.pair import analyze_pair, as_clip
        from modgap_core.models.load import load_model
        from modgap_core.results.print_result import print_result
        from modgap_core.results.store import save_result
        from modgap_core.transcript import check_transcript

        clip, text = as_clip(options.clip), check_transcript(options.text)
        model = load_model(options.model, options.device, options.dtype)
        result = analyze_pair(
            model,
            clip,
            text,
            reference=options.reference,
            null=not options.no_null,
            max_new_tokens=options.max_new_tokens,
            report=lambda share, what: progress.update(task, completed=share, description=what),
        )
    folder = save_result(result, options.out)
    print_result(result, Console())
    print(f"Saved to {folder}. Open it in the app (make run, then Input: Result folder) or with: modgap show {folder}")


if __name__ == "__main__":
    sys.exit(main())
