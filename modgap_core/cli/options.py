"""Options that several commands take, and what they mean."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from modgap_core.errors import ModGapError
from modgap_core.metrics.path import PATHS
from modgap_core.metrics.similarity import SIMILARITIES

if TYPE_CHECKING:
    from modgap_core.audio.clip import Clip
    from modgap_core.metrics import Measures
    from modgap_core.models.speech_lm import SpeechLM
    from modgap_core.scoring.expected import Expected

Commands = Any
"""What `argparse` gives for subcommands; its class is private."""
UNIT_TOKENIZER_HELP = "for models whose speech is discrete units: samples (16 kHz) to unit numbers"


def add_pair_options(command: argparse.ArgumentParser) -> None:
    """A clip, its transcript, a model, how answers are judged."""
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
    units.add_argument("--unit-tokenizer", metavar="MODULE:FUNCTION", help=UNIT_TOKENIZER_HELP)
    add_measure_options(command)
    add_load_options(command)


def add_measure_options(command: argparse.ArgumentParser) -> None:
    """What is measured."""
    command.add_argument(
        "--similarity",
        action="append",
        default=[],
        metavar="NAME",
        help=f"a similarity function, may be repeated: {', '.join(SIMILARITIES.names())} (default: cosine, euclidean)",
    )
    command.add_argument(
        "--path",
        action="append",
        default=[],
        metavar="NAME",
        help=f"a path, may be repeated: {', '.join(PATHS.names())} (default: argmax, the paper's)",
    )
    command.add_argument(
        "--measures",
        default="",
        metavar="NAME,NAME",
        help="quantities, as modgap list quantities names them; default and all stand for several (default: what is "
        "cheap)",
    )


def measures_of(options: argparse.Namespace) -> Measures:
    """What the options choose to measure."""
    from modgap_core.metrics import Measures

    return Measures.parse(options.measures, options.similarity, options.path)


def add_load_options(command: argparse.ArgumentParser) -> None:
    """How models are loaded."""
    command.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    command.add_argument("--dtype", default="auto", help="auto, float32, bfloat16 or float16 (default: auto)")
    command.add_argument("--device-map", help="auto: spread the model over all GPUs")
    command.add_argument("--attn-implementation", help="eager, sdpa or flash_attention_2")
    command.add_argument("--quantization", help="8bit or 4bit, with bitsandbytes")
    command.add_argument("--trust-remote-code", action="store_true", help="run code that lies in the model's folder")


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


@contextmanager
def progress_bar() -> Iterator[Callable[[float, str], None]]:
    """A bar on standard error."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Loading the model", total=1.0)
        yield lambda share, what: progress.update(task, completed=share, description=what)


def load(options: argparse.Namespace, model: str | None, clip: Clip | None = None) -> SpeechLM:
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


def refuse_no_tokens(options: argparse.Namespace) -> None:
    """Raise if answers could have no token."""
    if options.max_new_tokens < 1:
        raise ModGapError(f"--max-new-tokens is {options.max_new_tokens}; it must be at least 1.")


def expected_of(options: argparse.Namespace) -> Expected:
    """How answers are judged."""
    from modgap_core.scoring.expected import expected_answer, split_choices

    return expected_answer(options.reference, options.task, split_choices(options.choices))
