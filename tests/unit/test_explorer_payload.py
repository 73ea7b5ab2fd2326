"""What the explorer gets in the browser, decoded again by another hand."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
import streamlit as st

from dashboard.explorer import plotly_file, plotly_source
from dashboard.explorer.payload import UNDEFINED_CODE, explorer_payload, quantise
from dashboard.shared.explorer_input import explorer_input
from modgap_core.audio.spectrogram import log_mel_spectrogram
from modgap_core.errors import ResultError
from modgap_core.results.similarity_values import SimilarityValues
from tests.made_results import N_ENTRIES, N_SPEECH, N_TEXT, TOKEN_S, WORDS, made_pair

PAIR = made_pair()
CHOSEN = ((4, 1), (6, 3))
PAYLOAD = explorer_payload(explorer_input(PAIR), 2, "euclidean", CHOSEN)


def decoded(part: dict[str, Any], *shape: int) -> np.ndarray:
    """Byte by byte, as explorer.js reads it: rows of text tokens in layers."""
    codes = base64.b64decode(part["codes"])
    values = np.full(shape, np.nan)
    layers, rows, columns = shape
    for layer in range(layers):
        for j in range(rows):
            for i in range(columns):
                code = codes[(layer * rows + j) * columns + i]
                if code != UNDEFINED_CODE:
                    values[layer, j, i] = part["low"] + code / 254 * (part["high"] - part["low"])
    assert len(codes) == layers * rows * columns
    return values


@pytest.mark.parametrize(("name", "values"), [("cosine", PAIR.cosine), ("euclidean", PAIR.euclidean)])
def test_every_cell_decodes_to_its_own_value(name: str, values: SimilarityValues) -> None:
    part = PAYLOAD["sides"][name]
    shown = decoded(part, N_ENTRIES, N_TEXT, N_SPEECH)
    step = (np.nanmax(values.matrix) - np.nanmin(values.matrix)) / 254
    for layer in range(N_ENTRIES):
        for i in range(N_SPEECH):
            for j in range(N_TEXT):
                value = values.matrix[layer, i, j]
                if (i, j) == (5, 2):
                    assert np.isnan(value)
                    assert np.isnan(shown[layer, j, i])
                else:
                    assert abs(shown[layer, j, i] - value) <= 0.51 * step
    assert (part["low"], part["high"]) == (np.nanmin(values.matrix), np.nanmax(values.matrix))
    assert part["paths"] == {"argmax": values.path.tolist()}
    assert part["higher_is_better"] == (name == "cosine")


def test_tokens_times_and_what_is_shown_first() -> None:
    assert PAYLOAD["tokens"] == list(WORDS)
    np.testing.assert_allclose(PAYLOAD["spans"], [[TOKEN_S * i, TOKEN_S * (i + 1)] for i in range(N_SPEECH)])
    assert PAYLOAD["token_s"] == pytest.approx(TOKEN_S)
    assert PAYLOAD["duration_s"] == pytest.approx(N_SPEECH * TOKEN_S)
    assert PAYLOAD["layer_labels"] == ["0 (LLM input)", "1", "2", "3 (before final norm)", "3 (after final norm)"]
    assert (PAYLOAD["layer"], PAYLOAD["similarity"]) == (2, "euclidean")
    assert PAYLOAD["chosen"] == [[4, 1], [6, 3]]  # speech token, then text token


def test_the_sound_is_the_clip_for_ear_and_eye() -> None:
    heard, rate_hz = sf.read(io.BytesIO(base64.b64decode(PAYLOAD["wav"])))
    assert rate_hz == 16_000
    np.testing.assert_allclose(heard, PAIR.samples, atol=2**-15)
    low, high = np.array(PAYLOAD["envelope_low"]), np.array(PAYLOAD["envelope_high"])
    assert (low <= high).all()
    assert (low[0], high[-1]) == (-0.5, 0.5)  # the clip rises from -0.5 to 0.5
    assert (np.diff(low) > 0).any()
    mel, part = log_mel_spectrogram(PAIR.samples), PAYLOAD["mel"]
    bands = decoded(part | {"low": mel.values_db.min(), "high": mel.values_db.max()}, 1, part["bands"], part["frames"])
    np.testing.assert_allclose(bands[0], mel.values_db, atol=0.51 * np.ptp(mel.values_db) / 254)


def test_marks_do_not_change_what_else_is_sent() -> None:
    other = explorer_payload(explorer_input(PAIR), 2, "euclidean")
    assert other["chosen"] == []
    assert other["id"] == PAYLOAD["id"]  # so that the browser keeps layer and selection
    matrices = {**PAIR.measured.matrices, "cosine": PAIR.cosine.matrix + 1}
    changed = replace(PAIR, measured=replace(PAIR.measured, matrices=matrices))
    assert explorer_payload(explorer_input(changed), 2, "euclidean")["id"] != PAYLOAD["id"]


@pytest.mark.parametrize(
    "values", [np.zeros((1, 1)), np.full((2, 2), np.nan), np.array([[1.0, 1.0]]), np.array([[-3.0, np.nan, 5.0]])]
)
def test_quantised_values_come_back_within_half_a_step(values: np.ndarray) -> None:
    q = quantise(values)
    back = np.where(q.codes == UNDEFINED_CODE, np.nan, q.low + q.codes / 254 * (q.high - q.low))
    np.testing.assert_allclose(back, values, atol=(q.high - q.low) / 508 + 1e-12)


def test_a_transposed_matrix_is_refused() -> None:
    data = explorer_input(PAIR)
    cosine = replace(data.sides["cosine"], values=data.sides["cosine"].values.swapaxes(1, 2))
    turned = replace(data, sides={**data.sides, "cosine": cosine})
    with pytest.raises(ResultError, match=r"cosine matrices have the shape \(5, 4, 7\); .* here is \(5, 7, 4\)"):
        explorer_payload(turned, 0, "cosine")


def test_plotly_is_found_where_the_browser_gets_it() -> None:
    served = Path(st.__file__).parent / "static" / "static" / "js" / plotly_file()
    assert "window.Plotly" in served.read_text(encoding="utf-8")
    assert re.search(r"plotly\.js v\d+\.", plotly_source())
