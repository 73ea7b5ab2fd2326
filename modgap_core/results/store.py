"""Save and load a result as a folder of open formats.

``result.json``      names, tokens, answers, provenance, warnings
``layers.parquet``   one row a layer: the numbers
``arrays.safetensors`` matrices, paths, null references
``speech.wav``       the clip, 32-bit float, 16 kHz
"""

from __future__ import annotations

import dataclasses
import json
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
from modgap_core.models.encoded import TextToken
from modgap_core.results.pair_result import Answers, MetricValues, PairResult
from modgap_core.results.provenance import Provenance
from modgap_core.results.tables import layer_table
from modgap_core.scoring.expected import QA, Expected

FORMAT = "modgap-pair-1"
_JSON, _LAYERS, _ARRAYS, _WAV = "result.json", "layers.parquet", "arrays.safetensors", "speech.wav"


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
    return write_folder(folder, _header(result), layer_table(result), _arrays(result), result.samples)


def load_result(folder: str | Path) -> PairResult:
    """Read a result folder.

    Raises:
        ResultError: it is missing, incomplete, broken or of another format.
    """
    with reading(folder):
        header = read_header(folder, FORMAT)
        arrays, samples = read_arrays(folder)
        return _build(header, arrays, samples)


def write_folder(
    folder: str | Path,
    header: dict[str, Any],
    table: pd.DataFrame,
    arrays: dict[str, NDArray[Any]],
    samples: NDArray[np.float32],
) -> Path:
    """Write the four files of a result."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        table.to_parquet(folder / _LAYERS, index=False)
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / _ARRAYS)
        sf.write(folder / _WAV, samples, SAMPLE_RATE_HZ, subtype="FLOAT")
        (folder / _JSON).write_text(json.dumps(header, indent=1, ensure_ascii=False), encoding="utf-8")
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


def read_header(folder: str | Path, expected: str) -> dict[str, Any]:
    """The JSON part of a result of the expected format."""
    if (found := read_format(folder)) != expected:
        raise ResultError(
            f"The result in {str(folder)!r} has the format {found!r}, but {expected!r} is expected here; "
            "open it on its own page, or analyse the pair again with this version."
        )
    return dict(json.loads((Path(folder) / _JSON).read_text(encoding="utf-8")))


def read_arrays(folder: str | Path) -> tuple[dict[str, NDArray[Any]], NDArray[np.float32]]:
    """The arrays and the clip's samples."""
    samples, _ = sf.read(Path(folder) / _WAV, dtype="float32")
    return load_file(Path(folder) / _ARRAYS), samples


def metric_arrays(values: MetricValues, prefix: str) -> dict[str, NDArray[Any]]:
    """The quantities of one similarity function by name."""
    return {f"{prefix}.{f.name}": getattr(values, f.name) for f in dataclasses.fields(MetricValues)}


def metric_values(arrays: dict[str, NDArray[Any]], prefix: str) -> MetricValues:
    """The reverse of `metric_arrays`."""
    return MetricValues(**{f.name: arrays[f"{prefix}.{f.name}"] for f in dataclasses.fields(MetricValues)})


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
        "warnings": list(result.warnings),
        "provenance": dataclasses.asdict(result.provenance),
    }


def _arrays(result: PairResult) -> dict[str, NDArray[Any]]:
    own: dict[str, NDArray[Any]] = {"speech_spans_s": result.speech_spans_s, "consistency": result.consistency}
    return own | metric_arrays(result.cosine, "cosine") | metric_arrays(result.euclidean, "euclidean")


def _build(header: dict[str, Any], arrays: dict[str, NDArray[Any]], samples: NDArray[np.float32]) -> PairResult:
    said = header["answers"]
    return PairResult(
        provenance=Provenance(**header["provenance"]),
        name=header["name"],
        transcript=header["transcript"],
        samples=samples,
        answers=Answers(said["speech"], said["text"], read_expected(header, said["reference"])),
        text_tokens=tuple(TextToken(**token) for token in header["text_tokens"]),
        speech_spans_s=arrays["speech_spans_s"],
        cosine=metric_values(arrays, "cosine"),
        euclidean=metric_values(arrays, "euclidean"),
        consistency=arrays["consistency"],
        warnings=tuple(header["warnings"]),
    )
