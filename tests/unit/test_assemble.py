"""The paper's LSLM from its parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, Qwen2ForCausalLM, WhisperConfig, WhisperFeatureExtractor, WhisperModel

from modgap_core.cli.command_line import main
from modgap_core.errors import ModelError
from modgap_core.models.load import load_model
from modgap_core.models.lslm.assemble import assemble_lslm
from tests.tiny_models import SPECIAL, TEMPLATE, byte_tokenizer, small_backbone
from tests.tolerances import assert_close, differ

D_ENCODER, HIDDEN, STACK = 16, 24, 4


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Path]:
    """Folders of a Whisper, a Qwen2 without a placeholder in its vocabulary and its LoRA; adapter weights."""
    torch.manual_seed(0)
    folders = {name: tmp_path / name for name in ("encoder", "backbone", "lora")}
    audio = WhisperConfig(
        d_model=D_ENCODER,
        encoder_layers=1,
        encoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_layers=1,
        decoder_attention_heads=2,
        num_mel_bins=16,
        max_source_positions=100,
        vocab_size=20,
        decoder_start_token_id=1,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=1,
    )
    WhisperModel(audio).save_pretrained(folders["encoder"])
    WhisperFeatureExtractor(feature_size=16, chunk_length=2).save_pretrained(folders["encoder"])
    tokenizer = byte_tokenizer(SPECIAL[:4])
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folders["backbone"])
    backbone = Qwen2ForCausalLM(small_backbone("qwen2", len(tokenizer)))
    backbone.save_pretrained(folders["backbone"])
    tuned = get_peft_model(backbone, LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False))
    tuned.save_pretrained(folders["lora"])
    shapes = {"linear_1": (HIDDEN, STACK * D_ENCODER), "linear_2": (32, HIDDEN)}
    weights = {f"projector.{name}.weight": torch.randn(shape) for name, shape in shapes.items()}
    weights |= {f"projector.{name}.bias": torch.randn(shape[0]) for name, shape in shapes.items()}
    save_file(weights, tmp_path / "adapter.safetensors")
    return {**folders, "adapter": tmp_path / "adapter.safetensors", "out": tmp_path / "out"}


@pytest.mark.numeric
def test_the_parts_make_a_model_that_answers_as_the_backbone_alone(parts: dict[str, Path], wave: np.ndarray) -> None:
    model = load_model(assemble_lslm(parts["encoder"], parts["backbone"], parts["adapter"], parts["out"]))
    assert model.ms_per_token == 20 * STACK
    assert int(model.encode_speech([wave]).span.sum()) == -(-len(wave) // (320 * STACK))
    text = model.encode_text(["hello"])
    backbone = AutoModelForCausalLM.from_pretrained(parts["backbone"])
    with torch.inference_mode():
        expected = backbone(**text.inputs).logits[:, -1]
    assert_close(model.logits(text)[:, : expected.shape[1]], expected)


def test_lora_is_applied(parts: dict[str, Path]) -> None:
    plain = load_model(assemble_lslm(parts["encoder"], parts["backbone"], parts["adapter"], parts["out"]))
    text = plain.encode_text(["hello"])
    before = plain.logits(text)
    command = ["assemble", *(f"--{name}={parts[name]}" for name in ("encoder", "backbone", "adapter", "lora", "out"))]
    assert main(command) == 0
    assert differ(load_model(parts["out"]).logits(text), before)


def test_parts_that_do_not_fit(parts: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def assemble(**changed: Path) -> Path:
        given = {**parts, **changed}
        return assemble_lslm(given["encoder"], given["backbone"], given["adapter"], given["out"])

    with pytest.raises(ModelError, match=r"no folder .* for the encoder"):
        assemble(encoder=tmp_path / "nowhere")
    with pytest.raises(ModelError, match="no readable safetensors file"):
        assemble(adapter=tmp_path / "nowhere")
    with pytest.raises(ModelError, match="The encoder in 'lora' cannot be loaded"):
        assemble(encoder=parts["lora"])
    other = tmp_path / "other.safetensors"
    save_file({"linear_1.weight": torch.zeros(3, 3)}, other)
    with pytest.raises(ModelError, match=r"has no linear_1.bias; it holds linear_1.weight"):
        assemble(adapter=other)
    small = {"linear_1.bias": torch.zeros(3), "linear_2.weight": torch.zeros(9, 3), "linear_2.bias": torch.zeros(9)}
    save_file({"linear_1.weight": torch.zeros(3, 17), **small}, other)
    with pytest.raises(ModelError, match="vectors of 17, which is no multiple of the encoder's width 16"):
        assemble(adapter=other)
    save_file({"linear_1.weight": torch.zeros(3, 32), **small}, other)
    with pytest.raises(ModelError, match="gives vectors of 9, but the backbone takes 32"):
        assemble(adapter=other)
    parts["lora"].joinpath("adapter_config.json").unlink()
    command = ["assemble", *(f"--{name}={parts[name]}" for name in ("encoder", "backbone", "adapter", "lora", "out"))]
    assert main(command) == 2
    assert "has no adapter_config.json" in capsys.readouterr().err
