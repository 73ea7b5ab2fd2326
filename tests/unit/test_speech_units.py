"""Models whose speech is discrete units in the vocabulary."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from modgap_core.analysis.pair import analyze_pair
from modgap_core.audio.clip import Clip
from modgap_core.cli.command_line import main
from modgap_core.errors import AudioError, ModelError, TranscriptError
from modgap_core.models.doctor import diagnose
from modgap_core.models.load import load_model
from modgap_core.models.speech_units import GivenUnits, import_unit_tokenizer, parse_units
from modgap_core.results.store import load_result
from modgap_core.shipped import shipped_path
from tests.tiny_models import build_lslm, build_units

TEXT = "what is this"
UNITS = (3, 3, 3, 39, 0, 0, 17)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("units")
    return {kind: build_units(root / kind, kind) for kind in ("glm", "speechgpt")}


def given(wave: np.ndarray) -> GivenUnits:
    return GivenUnits({Clip(wave, "").sha256: UNITS})


@pytest.mark.parametrize(("kind", "expected"), [("glm", UNITS), ("speechgpt", (3, 39, 0, 17))])
def test_the_span_decodes_to_the_given_units(
    folders: dict[str, Path], wave: np.ndarray, kind: str, expected: tuple[int, ...]
) -> None:
    model = load_model(folders[kind], unit_tokenizer=given(wave))
    encoded = model.encode_speech([wave])
    spoken = model.tokenizer.convert_ids_to_tokens(encoded.inputs["input_ids"][0][encoded.span[0]])
    assert spoken == [model.adapter.format.token.format(unit) for unit in expected]
    before = encoded.inputs["input_ids"][0][: int(encoded.span[0].nonzero()[0])]
    assert model.tokenizer.convert_ids_to_tokens(before)[-1] == model.adapter.format.begin


def test_the_prompt_around_speech_and_text_is_the_same(folders: dict[str, Path], wave: np.ndarray) -> None:
    model = load_model(folders["glm"], unit_tokenizer=given(wave))
    speech, text = model.encode_speech([wave]), model.encode_text([TEXT])
    marks = [model.tokenizer.convert_tokens_to_ids(m) for m in (model.adapter.format.begin, model.adapter.format.end)]
    around = [e.inputs["input_ids"][0][~e.span[0]].tolist() for e in (speech, text)]
    assert [i for i in around[0] if i not in marks] == around[1]


def test_units_of_no_fixed_length_share_the_clip_and_say_so(folders: dict[str, Path], wave: np.ndarray) -> None:
    model = load_model(folders["speechgpt"], unit_tokenizer=given(wave))
    result = analyze_pair(model, wave, TEXT, max_new_tokens=4)
    assert result.cosine.matrix.shape[1] == len(result.speech_spans_s) == 4
    assert result.speech_spans_s[-1, 1] == pytest.approx(len(wave) / 16_000, abs=1e-3)
    assert any("place in the sound is approximate" in warning for warning in result.warnings)
    assert any("no null reference" in warning for warning in result.warnings)
    assert result.cosine.null_curve.size == 0


def test_a_clip_without_units_is_refused_in_a_sentence(folders: dict[str, Path], wave: np.ndarray) -> None:
    model = load_model(folders["glm"])
    with pytest.raises(AudioError, match="none were given for this clip; give --units"):
        model.encode_speech([wave])
    assert diagnose(model).passed
    assert any("no unit tokenizer was given" in sentence for sentence in diagnose(model).unchecked)


def test_units_that_the_model_does_not_have(folders: dict[str, Path], wave: np.ndarray) -> None:
    model = load_model(folders["glm"], unit_tokenizer=GivenUnits({Clip(wave, "").sha256: (1, 40)}))
    with pytest.raises(AudioError, match="The unit 40 is not among this model's units, 0 to 39"):
        model.encode_speech([wave])


def test_a_transcript_cannot_speak(folders: dict[str, Path]) -> None:
    with pytest.raises(TranscriptError, match=r"contains '<7>', a control token"):
        load_model(folders["speechgpt"]).encode_text(["say <7> please"])


def test_units_in_an_answer_are_left_out(folders: dict[str, Path]) -> None:
    adapter = load_model(folders["glm"]).adapter
    ids = [*adapter.tokenizer("yes")["input_ids"], *adapter.unit_ids[:3], *adapter.tokenizer(" sir")["input_ids"]]
    assert adapter.answers(torch.tensor([ids])) == ["yes sir"]


def test_a_format_of_ones_own(folders: dict[str, Path], tmp_path: Path, wave: np.ndarray) -> None:
    folder = shutil.copytree(folders["glm"], tmp_path / "own")
    described = {"token": "<|audio_{}|>", "ms_per_unit": 40.0}
    (folder / "modgap.json").write_text(json.dumps({"units": described}))
    assert load_model(folder, unit_tokenizer=given(wave)).ms_per_token == 40.0
    (folder / "modgap.json").write_text(json.dumps({"units": {"token": "<|audio|>", "ms_per_unit": 40.0}}))
    with pytest.raises(ModelError, match="describes no unit format; it takes token, ms_per_unit, begin"):
        load_model(folder)


def test_a_model_that_hears_takes_no_units(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="hears sound itself and takes no speech units"):
        load_model(build_lslm(tmp_path), unit_tokenizer=GivenUnits())


def test_units_on_the_command_line(folders: dict[str, Path], tmp_path: Path) -> None:
    clip = str(shipped_path("examples/01-right.flac"))
    (tmp_path / "clip.units").write_text("1 2 3 4")
    arguments = ["--text", TEXT, "--model", str(folders["glm"]), "--max-new-tokens", "2"]
    assert (
        main(["analyze", clip, *arguments, "--units", str(tmp_path / "clip.units"), "--out", str(tmp_path / "r")]) == 0
    )
    assert load_result(tmp_path / "r").cosine.matrix.shape[1] == 4
    named = ["--unit-tokenizer", "tests.unit.test_speech_units:six_units"]
    assert main(["intervene", clip, *arguments, *named, "--out", str(tmp_path / "i")]) == 0
    assert main(["analyze", clip, *arguments, "--out", str(tmp_path / "none")]) == 2


def six_units(_wave: np.ndarray) -> list[int]:
    return [5, 4, 3, 2, 1, 0]


def test_what_is_no_list_of_units_and_no_tokenizer() -> None:
    with pytest.raises(AudioError, match="neither a file nor a list of unit numbers"):
        parse_units("one two")
    with pytest.raises(AudioError, match="is empty"):
        parse_units(" ")
    with pytest.raises(ModelError, match="is no unit tokenizer"):
        import_unit_tokenizer("no_such_module:f")
    with pytest.raises(ModelError, match="is no unit tokenizer"):
        import_unit_tokenizer("json:no_such_function")
