"""The commands for a corpus: ``modgap corpus``, ``report`` and ``merge``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from modgap_core.errors import ModGapError
from modgap_core.extras import need_extra
from modgap_core.shipped import is_shipped_name

if TYPE_CHECKING:
    from modgap_core.corpus.engine.progress import RunProgress
    from modgap_core.corpus.run import Execution
    from modgap_core.corpus.settings import CorpusSettings


def add_corpus_commands(commands: Any, add_load_options: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the commands to the command line."""
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
    _add_settings(corpus)
    _add_execution(corpus)
    corpus.add_argument("--unit-tokenizer", metavar="MODULE:FUNCTION", help="for models whose speech is discrete units")
    add_load_options(corpus)
    corpus.set_defaults(run=_corpus)
    report = commands.add_parser("report", help="one HTML file of a run: tables and figures, no network needed")
    report.add_argument("folder", type=Path, help="of a run")
    report.add_argument("--out", type=Path, help="the file (default: report.html in the run; of a shipped run, here)")
    add_cluster_option(report)
    report.set_defaults(run=_report)
    merge = commands.add_parser("merge", help="runs of one manifest, made apart, as one")
    merge.add_argument("folders", type=Path, nargs="+")
    merge.add_argument("--out", type=Path, required=True, help="the new run folder")
    merge.set_defaults(run=_merge)


def add_cluster_option(command: argparse.ArgumentParser) -> None:
    """Add ``--cluster``."""
    command.add_argument(
        "--cluster",
        action="append",
        default=[],
        metavar="COLUMN",
        help="whose items belong together in intervals and tests: a column such as voice, twice for two crossed "
        "ones, id for none (default: the column that widens the interval of GAP most)",
    )


def _add_settings(command: argparse.ArgumentParser) -> None:
    command.add_argument("--interventions", default="", choices=("", "paper"), help="paper: its table, with controls")
    command.add_argument("--asr", default="", help="ASR of the pipeline: a folder, a hub id, or mini")
    command.add_argument("--backbone", default="", help="the untuned text backbone: a folder, a hub id, or mini")
    command.add_argument(
        "--scorer", action="append", default=[], help="a further scorer: pedant, or a judge as MODULE:FUNCTION"
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
        "--engine", default="local", choices=("local", "ray"), help="ray needs: pip install 'modgap[ray]'"
    )
    command.add_argument("--workers", type=int, default=0, help="of ray (default: one a GPU)")
    command.add_argument("--address", help="of a Ray cluster (default: Ray on this machine)")
    command.add_argument("--part", default="1/1", help="K/N: only the K-th of N parts; then modgap merge")


def _settings(options: argparse.Namespace) -> CorpusSettings:
    from modgap_core.corpus.settings import CorpusSettings

    return CorpusSettings(
        asr=options.asr,
        backbone=options.backbone,
        interventions=options.interventions,
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
    from modgap_core.corpus.run import Execution
    from modgap_core.models.speech_units import import_unit_tokenizer

    try:
        k, n = (int(number) for number in options.part.split("/"))
    except ValueError as error:
        raise ModGapError(f"--part is {options.part!r}; write K/N, such as 1/4.") from error
    load = {
        "device": options.device,
        "device_map": options.device_map,
        "trust_remote_code": options.trust_remote_code,
        "unit_tokenizer": import_unit_tokenizer(options.unit_tokenizer) if options.unit_tokenizer else None,
    }
    return Execution(options.engine, options.workers, options.address, (k, n), load)


def _tags(given: list[str]) -> dict[str, str]:
    from modgap_core.corpus.read.tables import NO_TAGS

    tags = dict(part.split("=", 1) for part in given if "=" in part.lstrip("="))
    if len(tags) < len(given):
        raise ModGapError(f"The tags are {' '.join(given)}; each is KEY=VALUE, and no KEY stands twice.")
    if taken := [key for key in tags if key in NO_TAGS]:
        raise ModGapError(f"A tag cannot be called {taken[0]!r}: so is a column of the results; choose another name.")
    return tags


def _corpus(options: argparse.Namespace) -> int:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    from modgap_core.corpus.manifest.read import read_manifest
    from modgap_core.cli.print_run import print_run
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


def _report(options: argparse.Namespace) -> None:
    need_extra("app", "The report", "plotly")
    from modgap_core.report import write_report
    from modgap_core.corpus.store.run_folder import load_run

    out = options.out or (Path("report.html") if is_shipped_name(options.folder) else None)
    print(f"Wrote {write_report(load_run(options.folder), out, options.cluster or None)}")


def _merge(options: argparse.Namespace) -> None:
    from modgap_core.corpus.store.merge_runs import merge_runs

    run = merge_runs(options.folders, options.out)
    for model in run.models:
        missing = "complete" if model.is_complete else "some batches are missing or not put together: use --resume"
        print(f"{model.name}: {len(model.finished_shards)} batches, {missing}")
