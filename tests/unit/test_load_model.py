"""Bad models: each gets one clear sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from modgap_core.errors import ModelError
from modgap_core.models.content_hash import content_hash
from modgap_core.models.load import load_model
from modgap_core.models.lslm import LSLMForConditionalGeneration
from tests.tiny_models import build_lslm


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return build_lslm(tmp_path / "model")


def test_missing_folder() -> None:
    with pytest.raises(ModelError, match=r"There is no model folder at './nothing-here'; give a folder"):
        load_model("./nothing-here")


def test_folder_without_config(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has no config.json"):
        load_model(tmp_path)


def test_broken_config(folder: Path) -> None:
    (folder / "config.json").write_text("{not json")
    with pytest.raises(ModelError, match=r"The config.json of 'model' is broken"):
        load_model(folder)


@pytest.mark.parametrize(
    ("model_type", "reason"),
    [
        ("vit", "for which ModGap has no adapter"),
        ("whisper", "which transcribes and does not answer"),
        ("qwen3_asr", "which transcribes and does not answer"),
        ("granite_speech", "which transcribes and does not answer"),
        ("llama", "a language model that reads but does not hear"),
    ],
)
def test_unsupported_type(folder: Path, model_type: str, reason: str) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": model_type}))
    with pytest.raises(ModelError, match=rf"of type '{model_type}', {reason}.*; supported types: .*modgap_lslm"):
        load_model(folder)


def test_no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="The weights of 'model' cannot be loaded"):
        load_model(folder)


def test_truncated_weights(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match="The weights of 'model' cannot be loaded"):
        load_model(folder)


def test_weights_with_a_missing_tensor(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["adapter.linear_1.bias"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"1 missing, 0 of another shape, first adapter.linear_1.bias"):
        load_model(folder)


def test_weights_of_another_shape(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "adapter_hidden_size": 47}))
    with pytest.raises(ModelError, match=r"do not fit|cannot be loaded"):
        load_model(folder)


def test_no_tokenizer(folder: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    with pytest.raises(ModelError, match="The processor of 'model' cannot be loaded"):
        load_model(folder)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("modgap.json", "[", "The modgap.json of 'model' is broken .*; mend it, or remove it"),
        ("modgap.json", '{"notes": 5}', "is no object with a list of notes"),
        ("config.json", "{}", "The config.json of 'model' has no model_type, so it is no transformers model"),
        ("lora/adapter_config.json", "{}", "The LoRA of 'model' cannot be loaded"),
    ],
)
def test_broken_files_beside_the_weights(folder: Path, name: str, content: str, sentence: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(content)
    with pytest.raises(ModelError, match=sentence):
        load_model(folder)


def test_a_model_that_loads_but_does_not_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_kernel(*_: object, **__: object) -> None:
        raise RuntimeError("no kernel for this shape\nand a long trace")

    monkeypatch.setattr(LSLMForConditionalGeneration, "forward", no_kernel)
    with pytest.raises(
        ModelError, match=r"model was loaded but does not run as asked for \(no kernel for this shape\)"
    ):
        load_model(folder)


def test_unknown_device_and_dtype(folder: Path) -> None:
    with pytest.raises(ModelError, match="Unknown device 'tpu'; choose from auto, cpu, cuda"):
        load_model(folder, device="tpu")
    if torch.cuda.device_count() < 8:
        with pytest.raises(ModelError, match=r"No CUDA GPU|There is no cuda:7: PyTorch sees"):
            load_model(folder, device="cuda:7")
    with pytest.raises(ModelError, match="Unknown dtype 'int3'; choose from auto, float32"):
        load_model(folder, dtype="int3")


def test_content_hash_follows_content_not_place(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert content_hash(copy) == content_hash(folder)
    (copy / "interventions.json").write_text("{}")  # measuring a model makes no other one of it
    assert content_hash(copy) == content_hash(folder)
    (copy / "config.json").write_text((copy / "config.json").read_text() + " ")
    assert content_hash(copy) != content_hash(folder)


def test_another_release_of_transformers_is_noted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_model(folder).notes == ()
    monkeypatch.setattr("modgap_core.models.tested.transformers.__version__", "6.0.1")
    assert load_model(folder).notes[0].startswith("transformers 6.0.1 was not tested with ModGap (tested: 5.23)")
