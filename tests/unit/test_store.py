"""Results on disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from modgap_core import analyze_pair, load_result, save_result
from modgap_core.errors import ResultError
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.results.pair_result import PairResult
from tests.made_results import made_pair
from tests.same_result import assert_same


@pytest.fixture
def result(tiny_models: dict[str, SpeechLM], wave: np.ndarray) -> PairResult:
    return analyze_pair(tiny_models["lslm-qwen2"], wave, "<b>hi</b> 😀", reference="x", null=False, max_new_tokens=2)


def test_round_trip_is_exact(result: PairResult, tmp_path: Path) -> None:
    assert_same(result, load_result(save_result(result, tmp_path / "r")))


def test_each_number_comes_back_at_its_own_place(tmp_path: Path) -> None:
    """Of a pair whose numbers and answers all differ, so that none can stand for another."""
    made = made_pair()
    assert made.answers.speech != made.answers.text
    assert_same(made, load_result(save_result(made, tmp_path)))


def test_saving_twice_replaces_and_keeps_other_files(result: PairResult, tmp_path: Path) -> None:
    save_result(result, tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    save_result(result, tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert_same(result, load_result(tmp_path))


def test_the_table_on_disk_is_readable_without_modgap(result: PairResult, tmp_path: Path) -> None:
    save_result(result, tmp_path)
    table = pd.read_parquet(tmp_path / "quantities.parquet")
    curve = table[(table.quantity == "similarity") & (table.similarity == "cosine") & (table.level == "layer")]
    np.testing.assert_array_equal(curve.value.to_numpy(), result.cosine.curve)
    last = result.n_layers
    assert curve.layer.tolist() == [*range(last + 1), last]
    assert curve.after_final_norm.tolist() == [False] * (last + 1) + [True]
    assert not (tmp_path / "layers.parquet").exists()


def test_provenance_names_model_and_versions(result: PairResult) -> None:
    p = result.provenance
    assert p.model == "lslm-qwen2"
    assert len(p.model_hash) == 16
    assert {"modgap", "torch", "transformers", "python"} == set(p.versions)
    assert "before the final norm" in p.layer_convention


def test_no_result(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="There is no ModGap result in"):
        load_result(tmp_path)


def test_another_format(result: PairResult, tmp_path: Path) -> None:
    save_result(result, tmp_path)
    header = json.loads((tmp_path / "result.json").read_text())
    (tmp_path / "result.json").write_text(json.dumps({**header, "format": "modgap-pair-99"}))
    with pytest.raises(ResultError, match="has the format 'modgap-pair-99', but 'modgap-pair-2' is expected"):
        load_result(tmp_path)


@pytest.mark.parametrize("name", ["result.json", "arrays.safetensors", "speech.wav"])
def test_broken_files(result: PairResult, tmp_path: Path, name: str) -> None:
    save_result(result, tmp_path)
    (tmp_path / name).write_bytes(b"garbage")
    with pytest.raises(ResultError, match=r"is broken .*; analyse the pair again"):
        load_result(tmp_path)


def test_folder_that_cannot_be_written(result: PairResult, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ResultError, match="cannot be written"):
        save_result(result, tmp_path / "file" / "sub")
