"""The command line: ``modgap analyze``, ``intervene``, ``doctor``, ``assemble``, ``corpus``, ``show``, ``app`` ...

Bad input ends with exit status 2 and one sentence, the same that the app shows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from modgap_core.cli.app import add_app_command
from modgap_core.cli.corpus import add_cluster_option, add_corpus_commands
from modgap_core.cli.shipped import add_shipped_command
from modgap_core.errors import ModGapError
from modgap_core.shipped import given_path

if TYPE_CHECKING:
    from modgap_core.audio.clip import Clip
    from modgap_core.interventions.condition import Condition
    from modgap_core.models.speech_lm import SpeechLM
    from modgap_core.scoring.expected import Expected

_UNIT_TOKENIZER_HELP = "for models whose speech is discrete units: samples (16 kHz) to unit numbers"


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
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    analyze = commands.add_parser("analyze", help="compare a clip with its transcript inside a model")
    _add_pair_options(analyze)
    analyze.add_argument("--no-null", action="store_true", help="leave out the null reference")
    analyze.set_defaults(run=_analyze)
    change = commands.add_parser("intervene", help="change speech states and compare geometry and answer")
    _add_pair_options(change)
    _add_condition_options(change)
    change.set_defaults(run=_intervene)
    doctor = commands.add_parser("doctor", help="check a model: what it passes, what could not be checked")
    doctor.add_argument("model", nargs="?", default=None, help="a folder or hub id; by default modgap-mini")
    doctor.add_argument("--unit-tokenizer", metavar="MODULE:FUNCTION", help=_UNIT_TOKENIZER_HELP)
    _add_load_options(doctor)
    doctor.set_defaults(run=_doctor)
    parts = commands.add_parser("assemble", help="write the paper's LSLM from encoder, backbone and adapter weights")
    parts.add_argument("--encoder", type=Path, required=True, help="folder of a Whisper")
    parts.add_argument("--backbone", type=Path, required=True, help="folder of a causal LM")
    parts.add_argument("--adapter", type=Path, required=True, help="safetensors with linear_1 and linear_2")
    parts.add_argument("--lora", type=Path, default=None, help="folder of a peft adapter of the backbone")
    parts.add_argument("--out", type=Path, required=True, help="the new model folder")
    parts.set_defaults(run=_assemble)
    add_corpus_commands(commands, _add_load_options)
    show = commands.add_parser("show", help="print a result (its folder or its zip), or a run of a corpus")
    show.add_argument("folder", type=Path, metavar="FOLDER_OR_ZIP")
    add_cluster_option(show)
    show.set_defaults(run=_show)
    add_app_command(commands)
    add_shipped_command(commands)
    return parser


def _add_pair_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("clip", help="a sound file (wav, flac, mp3, ogg, m4a ...), or shipped:NAME")
    command.add_argument("--text", required=True, help="the transcript: what is said in the clip")
    command.add_argument("--model", default=None, help="a folder or hub id; by default modgap-mini, which ships")
    command.add_argument("--out", type=Path, required=True, help="folder for the result")
    command.add_argument("--reference", default="", help="the right answer, kept with the result; several: a|b")
    command.add_argument("--task", default="qa", help="how answers are judged: qa (default), mcq, refusal or none")
    command.add_argument("--choices", default="", metavar="A|B|C|D", help="of --task mcq: the texts of the options")
    command.add_argument("--max-new-tokens", type=int, default=64, help="longest answer (default: 64)")
    units = command.add_mutually_exclusive_group()
    units.add_argument("--units", help="for models whose speech is discrete units: the clip's, or a file of them")
    units.add_argument("--unit-tokenizer", metavar="MODULE:FUNCTION", help=_UNIT_TOKENIZER_HELP)
    _add_load_options(command)


def _add_load_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    command.add_argument("--dtype", default="auto", help="auto, float32, bfloat16 or float16 (default: auto)")
    command.add_argument("--device-map", help="auto: spread the model over all GPUs")
    command.add_argument("--attn-implementation", help="eager, sdpa or flash_attention_2")
    command.add_argument("--quantization", help="8bit or 4bit, with bitsandbytes")
    command.add_argument("--trust-remote-code", action="store_true", help="run code that lies in the model's folder")


def _add_condition_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--method",
        help="angle, length, both (these use the transcript), or a control: rolled-transcript, other-transcript, "
        "random-direction, calibration, identity; without it the paper's table with its controls",
    )
    command.add_argument("--tokens", default="bottom:3", help="bottom:K, all, picked:I,J, random:K or span")
    command.add_argument("--strength", type=float, default=1.0, help="0 to 1 (default: 1, the paper's)")
    command.add_argument("--path-layer", default="mean", help="layer whose path chooses tokens, or mean (default)")
    command.add_argument("--edit-layers", default="0", help="where states are changed: 0 (default), 0-3 or 2,5")


def _show(options: argparse.Namespace) -> None:
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
    from modgap_core.interventions import store as interventions
    from modgap_core.cli.print_intervention import print_intervention
    from modgap_core.cli.print_pair import print_result
    from modgap_core.results.store import load_result, read_format

    if read_format(folder) == interventions.FORMAT:
        print_intervention(interventions.load_intervention(folder), Console())
    else:
        print_result(load_result(folder), Console())


def _assemble(options: argparse.Namespace) -> None:
    from modgap_core.models.lslm.assemble import assemble_lslm

    folder = assemble_lslm(options.encoder, options.backbone, options.adapter, options.out, options.lora)
    print(f"Wrote {folder}. Check it with: modgap doctor {folder}")


def _doctor(options: argparse.Namespace) -> int:
    from modgap_core.models.doctor import diagnose
    from modgap_core.cli.print_diagnosis import print_diagnosis

    diagnosis = diagnose(_load(options, options.model))
    print_diagnosis(diagnosis, Console())
    return 0 if diagnosis.passed else 1


@contextmanager
def _progress() -> Iterator[Callable[[float, str], None]]:
    """A bar on standard error."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Loading the model", total=1.0)
        yield lambda share, what: progress.update(task, completed=share, description=what)


def _load(options: argparse.Namespace, model: str | None, clip: Clip | None = None) -> SpeechLM:
    """The model of the options; units that are given are this clip's."""
    from modgap_core.models.load import load_model
    from modgap_core.models.speech_units import GivenUnits, import_unit_tokenizer, parse_units

    units = None
    if options.unit_tokenizer:
        units = import_unit_tokenizer(options.unit_tokenizer)
    elif clip is not None and options.units is not None:
        units = GivenUnits({clip.sha256: parse_units(options.units)})
    return load_model(
        model,
        options.device,
        options.dtype,
        device_map=options.device_map,
        attn_implementation=options.attn_implementation,
        quantization=options.quantization,
        trust_remote_code=options.trust_remote_code,
        unit_tokenizer=units,
    )


def _refuse_no_tokens(options: argparse.Namespace) -> None:
    if options.max_new_tokens < 1:
        raise ModGapError(f"--max-new-tokens is {options.max_new_tokens}; it must be at least 1.")


def _expected(options: argparse.Namespace) -> Expected:
    from modgap_core.scoring.expected import expected_answer, split_choices

    return expected_answer(options.reference, options.task, split_choices(options.choices))


def _analyze(options: argparse.Namespace) -> None:
    _refuse_no_tokens(options)
    expected = _expected(options)
    with _progress() as report:
        from modgap_core.analysis.pair import analyze_pair, as_clip
        from modgap_core.cli.print_pair import print_result
        from modgap_core.results.store import save_result
        from modgap_core.transcript import check_transcript

        clip, text = as_clip(options.clip), check_transcript(options.text)
        model = _load(options, options.model, clip)
        result = analyze_pair(
            model,
            clip,
            text,
            reference=expected,
            null=not options.no_null,
            max_new_tokens=options.max_new_tokens,
            report=report,
        )
    folder = save_result(result, options.out)
    print_result(result, Console())
    print(f"Saved to {folder}. Open it by modgap app (Input: Saved result), or with: modgap show {folder}")


def _intervene(options: argparse.Namespace) -> None:
    _refuse_no_tokens(options)
    expected = _expected(options)
    with _progress() as report:
        from modgap_core.analysis.pair import as_clip
        from modgap_core.cli.print_intervention import print_intervention
        from modgap_core.interventions.run import intervene
        from modgap_core.interventions.store import save_intervention
        from modgap_core.transcript import check_transcript

        conditions = _conditions(options)
        clip, text = as_clip(options.clip), check_transcript(options.text)
        result = intervene(
            _load(options, options.model, clip),
            clip,
            text,
            conditions,
            reference=expected,
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
    from modgap_core.interventions.condition import Condition, parse_layers, parse_method, parse_path_layer
    from modgap_core.interventions.token_choice import TokenChoice

    return [
        Condition(
            method=parse_method(options.method),
            tokens=TokenChoice.parse(options.tokens),
            strength=options.strength,
            path_layer=parse_path_layer(options.path_layer),
            edit_layers=parse_layers(options.edit_layers),
        )
    ]


if __name__ == "__main__":
    sys.exit(main())
