"""The doctor on healthy and on ill models."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from modgap_core.cli.command_line import main
from modgap_core.models.doctor import check_batched, check_recompute, diagnose
from modgap_core.models.load import load_model
from modgap_core.models.speech_lm import SpeechLM
from tests.tiny_models import BUILDERS


@pytest.mark.numeric
def test_a_healthy_model_passes_and_says_what_was_not_checked(model: SpeechLM) -> None:
    diagnosis = diagnose(model)
    assert diagnosis.passed, [check for check in diagnosis.checks if not check.passed]
    facts = dict(diagnosis.facts)
    assert "what is the capital of france" in facts["transcript span"]
    assert facts["layers that can be edited"] == "0 to 2"
    assert any(sentence.startswith("GPU") for sentence in diagnosis.unchecked)


def test_a_model_whose_cache_forgets_is_found_ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model(BUILDERS["lslm-llama"](tmp_path))
    attention = model.decoder.layers[0].self_attn
    forward = attention.forward

    def forgetful(*args: object, **kwargs: object) -> tuple[torch.Tensor, object]:
        out, weights = forward(*args, **kwargs)
        return (out * 50 if out.shape[1] == 1 else out), weights

    monkeypatch.setattr(attention, "forward", forgetful)
    assert not check_recompute(model).passed


def test_a_model_that_hears_its_padding_is_found_ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model(BUILDERS["lslm-qwen2"](tmp_path))
    encode = model.adapter.model.get_audio_features
    monkeypatch.setattr(model.adapter.model, "get_audio_features", lambda features: encode(features) + len(features))
    assert not check_batched(model).passed


def test_the_command_prints_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", str(BUILDERS["lslm-qwen2"](tmp_path))]) == 0
    out = capsys.readouterr().out
    assert "layers that can be edited: 0 to 2" in out
    assert "FAILED" not in out
    assert "Not checked: GPU" in out
