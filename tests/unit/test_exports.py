"""What the app gives to download."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np

from dashboard.shared.exports import result_zip
from modgap_core import analyze_pair, load_result
from modgap_core.models.speech_lm import SpeechLM
from tests.same_result import assert_same


def test_the_zip_opens_again(tiny_models: dict[str, SpeechLM], wave: np.ndarray, tmp_path: Path) -> None:
    result = analyze_pair(tiny_models["lslm-qwen2"], wave, "<b>hi</b> 😀", reference="x", null=False, max_new_tokens=2)
    zipfile.ZipFile(BytesIO(result_zip(result))).extractall(tmp_path)
    assert_same(result, load_result(tmp_path))
