"""What travels to the browser: all layers once, as compact typed arrays; pure, no streamlit."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modgap_core.errors import ResultError

UNDEFINED_CODE = 255
_TOP_CODE = 254
Marks = tuple[tuple[int, int], ...]
"""Speech tokens, each with its text token."""
_MEL_TICKS_HZ = (500, 1000, 2000, 4000)


@dataclass(frozen=True)
class Side:
    """One similarity function.

    Attributes:
        title: for buttons and the colour bar.
        higher_is_better: which end of the colour scale is near.
        values: (N, Ts, Tt) A_l, NaN is undefined.
        paths: (N, Tt) by name of the path, -1 is no partner.
    """

    title: str
    higher_is_better: bool
    values: NDArray[np.floating]
    paths: Mapping[str, NDArray[np.integer]]


@dataclass(frozen=True)
class ExplorerInput:
    """A pair for eye and ear.

    Attributes:
        wav_bytes: the clip as a 16 kHz mono PCM WAV file.
        duration_s: its length.
        envelope: (n, 2) lowest and highest sample of equal stretches.
        mel_db: (n_mels, n_frames).
        mel_hop_s: seconds from frame to frame.
        mel_hz: (n_mels,) centre of each band.
        speech_spans_s: (Ts, 2) start and end of each speech token.
        text_tokens: Tt tokens.
        layer_labels: N names.
        sides: what the explorer can switch between, by similarity function.
    """

    wav_bytes: bytes
    duration_s: float
    envelope: NDArray[np.floating]
    mel_db: NDArray[np.floating]
    mel_hop_s: float
    mel_hz: NDArray[np.floating]
    speech_spans_s: NDArray[np.floating]
    text_tokens: tuple[str, ...]
    layer_labels: tuple[str, ...]
    sides: Mapping[str, Side]


@dataclass(frozen=True)
class Quantised:
    """Values as bytes: ``low + code / 254 * (high - low)``, 255 is undefined."""

    codes: NDArray[np.uint8]
    low: float
    high: float


def quantise(values: NDArray[np.floating]) -> Quantised:
    """Quantise over one range for all layers; the error is at most 1/508 of the range.

    >>> quantise(np.array([0.0, 1.0, np.nan])).codes.tolist()
    [0, 254, 255]
    """
    defined = np.isfinite(values)
    low, high = (float(values[defined].min()), float(values[defined].max())) if defined.any() else (0.0, 1.0)
    scale = _TOP_CODE / (high - low) if high > low else 0.0
    codes = np.round((np.where(defined, values, low) - low) * scale).astype(np.uint8)
    return Quantised(np.where(defined, codes, np.uint8(UNDEFINED_CODE)), low, high)


def explorer_payload(data: ExplorerInput, layer: int, similarity: str, chosen: Marks = ()) -> dict[str, Any]:
    """Everything the component draws from, as JSON-able values.

    Args:
        data: the pair.
        layer: entry shown first.
        similarity: name of the similarity function shown first.
        chosen: speech tokens, each with a text token, that are marked besides the selection.

    Raises:
        ResultError: the shapes do not fit each other.
    """
    _check_shapes(data)
    mel = quantise(data.mel_db)
    ticks = [hz for hz in _MEL_TICKS_HZ if hz < data.mel_hz[-1]]
    payload: dict[str, Any] = {
        "wav": _base64(data.wav_bytes),
        "duration_s": data.duration_s,
        "envelope_low": data.envelope[:, 0].round(4).tolist(),
        "envelope_high": data.envelope[:, 1].round(4).tolist(),
        "peak": max(float(np.abs(data.envelope).max()), 1e-6),
        "mel": {
            "codes": _base64(mel.codes.tobytes()),
            "bands": data.mel_db.shape[0],
            "frames": data.mel_db.shape[1],
            "hop_s": data.mel_hop_s,
            "tick_bands": np.interp(ticks, data.mel_hz, np.arange(len(data.mel_hz))).round(2).tolist(),
            "tick_hz": [str(hz) for hz in ticks],
        },
        "spans": data.speech_spans_s.tolist(),
        "token_s": float(data.speech_spans_s[0, 1] - data.speech_spans_s[0, 0]),
        "tokens": list(data.text_tokens),
        "layer_labels": list(data.layer_labels),
        "sides": {name: _side(side) for name, side in data.sides.items()},
        "layer": layer,
        "similarity": similarity if similarity in data.sides else next(iter(data.sides)),
    }
    identity = hashlib.sha256(repr(sorted(payload.items())).encode()).hexdigest()
    return {**payload, "id": identity, "chosen": [list(pair) for pair in chosen]}


def _side(side: Side) -> dict[str, Any]:
    quantised = quantise(np.swapaxes(side.values, 1, 2))  # rows are text tokens, as they are drawn
    return {
        "title": side.title,
        "higher_is_better": side.higher_is_better,
        "codes": _base64(quantised.codes.tobytes()),
        "low": quantised.low,
        "high": quantised.high,
        "paths": {name: path.tolist() for name, path in side.paths.items()},
    }


def _check_shapes(data: ExplorerInput) -> None:
    expected = (len(data.layer_labels), len(data.speech_spans_s), len(data.text_tokens))
    for name, side in data.sides.items():
        if (shape := side.values.shape) != expected:
            raise ResultError(f"The {name} matrices have the shape {shape}; (layers, Ts, Tt) here is {expected}.")
    if 0 in expected:
        raise ResultError(f"There is nothing to show: (layers, Ts, Tt) is {expected}.")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
