"""The command ``modgap corpus``: models over many pairs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from modgap_core.cli.options import Commands, add_cluster_option, add_load_options, add_measure_options, measures_of
from modgap_core.corpus.engine.engines import ENGINES
from modgap_core.errors import ModGapError
from modgap_core.interventions.condition_sets import CONDITION_SETS

if TYPE_CHECKING:
    from modgap_core.corpus.engine.execution import Execution
    from modgap_core.corpus.engine.progress import RunProgress
    from modgap_core.corpus.settings import CorpusSettings
    from modgap_core.interventions.condition import Condition


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    corpus = commands.add_parser("corpus", help="run models over many pairs: scores, GAP, alignment; resumable")
    corpus.add_argument(
        "manifest", help="CSV, JSONL, Parquet, a folder of a Hugging Face audio data set, or shipped:NAME"
    )
    corpus.add_argument("--model", action="append", help="a folder or hub id, may be repeated; by default modgap-mini")
    corpus.add_argument("--out", type=Path, required=True, help="the run's folder")
    corpus.add_argument("--resume", action="store_true", help="go on with the run in --out")
    corpus.add_argument("--limit", type=int, help="only the first items")
    corpus.add_argument("--task", default="", help="for items that name none: qa, mcq, refusal, ifeval or none")
    corpus.add_argument(
        "--tag", action="append", default=[], metavar="KEY=VALUE", help="of the models, for regressions: family=qwen"
    )
    add_cluster_option(corpus)
    add_measure_options(corpus)
    _add_settings(corpus)
    _add_execution(corpus)
    corpus.add_argument("--unit-tokenizer", metavar="MODULE:FUNCTION", help="for models whose speech is discrete units")
    add_load_options(corpus)
    corpus.set_defaults(run=_run)


def _add_settings(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--interventions",
        default="",
        metavar="SET",
        help=f"a set of conditions: {', '.join(CONDITION_SETS.names())} (paper: its table, with controls)",
    )
    command.add_argument(
        "--condition",
        action="append",
        default=[],
        metavar="CONDITION",
        help="a further condition, may be repeated, such as 'angle bottom:5, strength 0.5, edit at 0-2'",
    )
    command.add_argument("--asr", default="", help="ASR of the pipeline: a folder, a hub id, or mini")
    command.add_argument("--backbone", default="", help="the untuned text backbone: a folder, a hub id, or mini")
    command.add_argument(
        "--scorer",
        action="append",
        default=[],
        help="a further scorer, as modgap list scorers names it, or a judge as MODULE:FUNCTION",
    )
    command.add_argument("--max-new-tokens", type=int, default=64, help="longest answer (default: 64)")
    command.add_argument("--null", type=int, default=20, help="utterances of the null reference (default: 20)")
    command.add_argument("--batch-size", type=int, default=16, help="most items in a batch (default: 16)")
    command.add_argument(
        "--batch-seconds", type=float, default=240.0, help="bounds memory: most seconds of sound in a batch (240)"
    )
    command.add_argument("--seed", type=int, default=17, help="draws the null reference (default: 17)")


def _add_execution(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--engine",
        default="local",
        help=f"one of {', '.join(ENGINES.names())} (default: local); ray needs: pip install 'modgap[ray]'",
    )
    command.add_argument("--workers", type=int, default=0, help="of ray (default: one a GPU)")
    command.add_argument("--address", help="of a Ray cluster (default: Ray on this machine)")
    command.add_argument("--part", default="1/1", help="K/N: only the K-th of N parts; then modgap merge")


def _settings(options: argparse.Namespace) -> CorpusSettings:
    from modgap_core.corpus.settings import CorpusSettings

    return CorpusSettings(
        asr=options.asr,
        backbone=options.backbone,
        conditions=_conditions(options),
        measures=measures_of(options),
        scorers=tuple(dict.fromkeys(options.scorer)),
        max_new_tokens=options.max_new_tokens,
        n_null=options.null,
        batch_size=options.batch_size,
        batch_seconds=options.batch_seconds,
        seed=options.seed,
        dtype=options.dtype,
        quantization=options.quantization or "",
        attn_implementation=options.attn_implementation or "",
    )


def _execution(options: argparse.Namespace) -> Execution:
    from modgap_core.corpus.engine.execution import Execution
    from modgap_core.models.speech_units import import_unit_tokenizer

    try:
        k, n = (int(number) for number in options.part.split("/"))
    except ValueError as error:
        raise ModGapError(f"--part is {options.part!r}; write K/N, such as 1/4.") from error
    return Execution(
        options.engine,
        options.workers,
        options.address,
        (k, n),
        options.device,
        options.device_map,
        options.trust_remote_code,
        import_unit_tokenizer(options.unit_tokenizer) if options.unit_tokenizer else None,
    )


def _conditions(options: argparse.Namespace) -> tuple[Condition, ...]:
    """Those of the set, then the further ones."""
    from modgap_core.interventions.condition import Condition

    chosen = CONDITION_SETS.get(options.interventions).conditions() if options.interventions else ()
    return (*chosen, *(Condition.parse(text) for text in options.condition))


def _tags(given: list[str]) -> dict[str, str]:
    from modgap_core.corpus.read.tables import NO_TAGS

    tags = dict(part.split("=", 1) for part in given if "=" in part.lstrip("="))
    if len(tags) < len(given):
        raise ModGapError(f"The tags are {' '.join(given)}; each is KEY=VALUE, and no KEY stands twice.")
    if taken := [key for key in tags if key in NO_TAGS]:
        raise ModGapError(f"A tag cannot be called {taken[0]!r}: so is a column of the results; choose another name.")
    return tags


def _run(options: argparse.Namespace) -> int:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    from modgap_core.cli.print_run import print_run
    from modgap_core.corpus.manifest.read import read_manifest
    from modgap_core.corpus.run import run_corpus

    if options.limit is not None and options.limit < 1:
        raise ModGapError(f"--limit is {options.limit}; it must be at least 1.")
    settings, execution, tags = _settings(options), _execution(options), _tags(options.tag)
    manifest = read_manifest(options.manifest, options.task).first(options.limit)
    with Progress(SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True)) as bar:
        task = bar.add_task("Reading the manifest", total=len(manifest.items))

        def tell(progress: RunProgress) -> None:
            bar.update(task, total=progress.total, completed=progress.done, description=progress.sentence)

        try:
            run = run_corpus(
                manifest,
                options.model or [None],
                options.out,
                settings,
                execution,
                options.resume,
                tags,
                tell,
                options.cluster,
            )
        except KeyboardInterrupt:
            print("\nmodgap: stopped. What was finished is kept; go on with the same command and --resume.")
            return 130
    if not any(model.is_complete or model.finished_shards for model in run.models):
        print(f"The part {options.part} has no batch of its own: the corpus has fewer batches than parts.")
        return 0
    print_run(run, Console())
    print(f"Saved to {options.out}. Open it in the app (page Corpus), or write a report: modgap report {options.out}")
    return 0
