"""Save and load a result as a folder of open formats.

``result.json``      names, tokens, answers, provenance, warnings
``layers.parquet``   one row a layer: the numbers
``arrays.safetensors`` matrices, paths, null references
``speech.wav``       the clip, 32-bit float, 16 kHz
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
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

FORMAT = "modgap-pair-1"
_JSON, _LAYERS, _ARRAYS, _WAV = "result.json", "layers.parquet", "arrays.safetensors", "speech.wav"
_METRICS = ("cosine", "euclidean")


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
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        layer_table(result).to_parquet(folder / _LAYERS, index=False)
        save_file(_arrays(result), folder / _ARRAYS)
        sf.write(folder / _WAV, result.samples, SAMPLE_RATE_HZ, subtype="FLOAT")
        (folder / _JSON).write_text(json.dumps(_header(result), indent=1, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise ResultError(
            f"The result cannot be written to {str(folder)!r} ({error}); choose another folder."
        ) from error
    return folder


def load_result(folder: str | Path) -> PairResult:
    """Read a result folder.

    Raises:
        ResultError: it is missing, incomplete, broken or of another format.
    """
    folder = Path(folder)
    if not (folder / _JSON).exists():
        raise ResultError(f"There is no ModGap result in {str(folder)!r} (no {_JSON}); give the folder of --out.")
    try:
        header = json.loads((folder / _JSON).read_text(encoding="utf-8"))
        if header.get("format") != FORMAT:
            raise ResultError(
                f"The result in {str(folder)!r} has the format {header.get('format')!r}, but this version reads "
                f"{FORMAT!r}; analyse the pair again."
            )
        arrays = load_file(folder / _ARRAYS)
        samples, _ = sf.read(folder / _WAV, dtype="float32")
        return _build(header, arrays, samples)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SafetensorError, sf.SoundFileError) as error:
        if isinstance(error, ResultError):
            raise
        raise ResultError(f"The result in {str(folder)!r} is broken ({error}); analyse the pair again.") from error


def _header(result: PairResult) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": result.name,
        "transcript": result.transcript,
        "answers": dataclasses.asdict(result.answers),
        "text_tokens": [dataclasses.asdict(token) for token in result.text_tokens],
        "warnings": list(result.warnings),
        "provenance": dataclasses.asdict(result.provenance),
    }


def _arrays(result: PairResult) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {"speech_spans_s": result.speech_spans_s, "consistency": result.consistency}
    for metric in _METRICS:
        values = getattr(result, metric)
        arrays |= {f"{metric}.{f.name}": getattr(values, f.name) for f in dataclasses.fields(MetricValues)}
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def _build(header: dict[str, Any], arrays: dict[str, NDArray[Any]], samples: NDArray[np.float32]) -> PairResult:
    def values(metric: str) -> MetricValues:
        return MetricValues(**{f.name: arrays[f"{metric}.{f.name}"] for f in dataclasses.fields(MetricValues)})

    return PairResult(
        provenance=Provenance(**header["provenance"]),
        name=header["name"],
        transcript=header["transcript"],
        samples=samples,
        answers=Answers(**header["answers"]),
        text_tokens=tuple(TextToken(**token) for token in header["text_tokens"]),
        speech_spans_s=arrays["speech_spans_s"],
        cosine=values("cosine"),
        euclidean=values("euclidean"),
        consistency=arrays["consistency"],
        warnings=tuple(header["warnings"]),
    )
