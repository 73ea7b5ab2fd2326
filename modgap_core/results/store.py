"""Save and load a result as a folder of open formats.

``result.json``         names, tokens, answers, what each quantity is, provenance, warnings
``quantities.parquet``  every number by name, long
``arrays.safetensors``  matrices, paths, layers, null references
``speech.wav``          the clip, 32-bit float, 16 kHz

Results of ModGap 0.1 (formats that end in 1) open too.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import soundfile as sf
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.errors import ResultError
from modgap_core.provenance import Provenance
from modgap_core.results.format_1 import measured_of_format_1
from modgap_core.results.measured_store import check_shapes, finite, measured_arrays, read_measured, told_of
from modgap_core.results.pair_result import Answers, PairResult
from modgap_core.results.tables import quantity_table
from modgap_core.scoring.expected import QA, Expected
from modgap_core.tokens import TextToken, WordTime

FORMAT, OLD_FORMAT = "modgap-pair-2", "modgap-pair-1"
_JSON, _QUANTITIES, _ARRAYS, _WAV = "result.json", "quantities.parquet", "arrays.safetensors", "speech.wav"
_OLD_TABLE = "layers.parquet"
FILES = (_JSON, _ARRAYS, _WAV)
"""What a result cannot do without."""
FURTHER_FILES = (_QUANTITIES, _OLD_TABLE)
"""What lies beside them for other programs; the second in results of ModGap 0.1."""
NAMES_THE_REST = _JSON
_PAGES = {"modgap-pair-": "One pair", "modgap-intervention-": "Interventions"}


def save_result(result: PairResult, folder: str | Path) -> Path:
    """Write a result; an existing result in the folder is replaced, other files are left alone.

    Args:
        result: what to save.
        folder: made if it is missing.

    Returns:
        The folder.

    Raises:
        ResultError: the folder cannot be written.
    """
    return write_folder(folder, _header(result), quantity_table(result.measured), _arrays(result), result.samples)


def load_result(folder: str | Path) -> PairResult:
    """Read a result folder.

    Raises:
        ResultError: it is missing, incomplete, broken or of another format.
    """
    with reading(folder):
        header = read_header(folder, FORMAT, OLD_FORMAT)
        arrays, samples = read_arrays(folder)
        return _build(header, arrays, samples)


def write_folder(
    folder: str | Path,
    header: dict[str, Any],
    table: pd.DataFrame,
    arrays: dict[str, NDArray[Any]],
    samples: NDArray[np.float32],
) -> Path:
    """Write the files of a result: beside the folder's own first, then each in its place, the one that names it last.

    A process that is killed on the way leaves the old result, none, or the new one, never a mixture.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".modgap-", dir=folder) as half:
            new = Path(half)
            table.to_parquet(new / _QUANTITIES, index=False)
            save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, new / _ARRAYS)
            sf.write(new / _WAV, samples, SAMPLE_RATE_HZ, subtype="FLOAT")
            (new / _JSON).write_text(json.dumps(header, indent=1, ensure_ascii=False), encoding="utf-8")
            for old in (_JSON, _OLD_TABLE):
                (folder / old).unlink(missing_ok=True)
            for name in (_QUANTITIES, _ARRAYS, _WAV, _JSON):
                (new / name).replace(folder / name)
    except OSError as error:
        raise ResultError(
            f"The result cannot be written to {str(folder)!r} ({error}); choose another folder."
        ) from error
    return folder


@contextmanager
def reading(folder: str | Path) -> Iterator[None]:
    """Turn what a broken folder raises into one sentence."""
    try:
        yield
    except ResultError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SafetensorError, sf.SoundFileError) as error:
        raise ResultError(f"The result in {str(folder)!r} is broken ({error}); analyse the pair again.") from error


def read_format(folder: str | Path) -> str:
    """Which kind of result lies in a folder.

    Raises:
        ResultError: none.
    """
    path = Path(folder) / _JSON
    if not path.exists():
        raise ResultError(f"There is no ModGap result in {str(folder)!r} (no {_JSON}); give the folder of --out.")
    with reading(folder):
        return str(json.loads(path.read_text(encoding="utf-8")).get("format"))


def read_header(folder: str | Path, expected: str, *older: str) -> dict[str, Any]:
    """The JSON part of a result of the expected format, or an older one."""
    if (found := read_format(folder)) not in (expected, *older):
        raise ResultError(
            f"The result in {str(folder)!r} has the format {found!r}, but {expected!r} is expected here; "
            + _where_it_belongs(found, expected)
        )
    return dict(json.loads((Path(folder) / _JSON).read_text(encoding="utf-8")))


def _where_it_belongs(found: str, expected: str) -> str:
    page = next((page for kind, page in _PAGES.items() if found.startswith(kind)), None)
    if page is None:
        return "open a result that ModGap saved."
    if expected.startswith(tuple(kind for kind, name in _PAGES.items() if name == page)):
        return "analyse the pair again with this version."
    return f"open it on its own page, {page}."


def read_arrays(folder: str | Path) -> tuple[dict[str, NDArray[Any]], NDArray[np.float32]]:
    """The arrays and the clip's samples."""
    samples, _ = sf.read(Path(folder) / _WAV, dtype="float32")
    return load_file(Path(folder) / _ARRAYS), samples


def judged_by(expected: Expected) -> dict[str, Any]:
    """How answers are judged, beside the reference."""
    return {"task": expected.task, "details": dict(expected.details), "scorer": expected.scorer}


def read_expected(header: dict[str, Any], reference: str) -> Expected:
    """The reverse of `judged_by`; a result of the time before tasks holds an open question."""
    return Expected(reference, header.get("task", QA), header.get("details", {}))


def _header(result: PairResult) -> dict[str, Any]:
    answers = result.answers
    return {
        "format": FORMAT,
        "name": result.name,
        "transcript": result.transcript,
        "answers": {"speech": answers.speech, "text": answers.text, "reference": answers.reference},
        "right": {"speech": result.score(answers.speech).is_right, "text": result.score(answers.text).is_right},
        **judged_by(answers.expected),
        "text_tokens": [dataclasses.asdict(token) for token in result.text_tokens],
        "word_times": [dataclasses.asdict(word) for word in result.word_times],
        "quantities": told_of(result.measured),
        "pair": {name: finite(value) for name, value in result.measured.pair.items()},
        "warnings": list(result.warnings),
        "provenance": dataclasses.asdict(result.provenance),
    }


def _arrays(result: PairResult) -> dict[str, NDArray[Any]]:
    return {"speech_spans_s": result.speech_spans_s, **measured_arrays(result.measured)}


def _build(header: dict[str, Any], arrays: dict[str, NDArray[Any]], samples: NDArray[np.float32]) -> PairResult:
    said = header["answers"]
    if header["format"] == FORMAT:
        measured = read_measured(arrays, header["quantities"], header["pair"])
    else:
        measured = measured_of_format_1(arrays)
        check_shapes(measured)
    result = PairResult(
        provenance=Provenance(**header["provenance"]),
        name=header["name"],
        transcript=header["transcript"],
        samples=samples,
        answers=Answers(said["speech"], said["text"], read_expected(header, said["reference"])),
        text_tokens=tuple(TextToken(**token) for token in header["text_tokens"]),
        speech_spans_s=arrays["speech_spans_s"],
        measured=measured,
        warnings=tuple(header["warnings"]),
        word_times=tuple(WordTime(**word) for word in header.get("word_times", ())),
    )
    expected = (len(result.layer_labels), len(result.speech_spans_s), len(result.text_tokens))
    for name, matrix in measured.matrices.items():
        if matrix.shape != expected:
            raise ResultError(
                f"The saved {name} matrices have the shape {matrix.shape}, but layers, speech tokens and text "
                f"tokens are {expected}; analyse the pair again."
            )
    return result
