"""The paper's LSLM as a transformers model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForMultimodalLM, AutoProcessor

from modgap_core.errors import ModelError
from modgap_core.models.load import load_model
from modgap_core.models.lslm import LSLMConfig, LSLMForConditionalGeneration, LSLMProcessor, SpeechAdapter
from tests.tiny_models import build_lslm, small_backbone
from tests.tolerances import assert_close, differ


@pytest.mark.parametrize("backbone", ["qwen2", "llama"])
def test_round_trip_through_the_auto_classes(tmp_path: Path, backbone: str) -> None:
    folder = build_lslm(tmp_path / "m", backbone)
    config = AutoConfig.from_pretrained(folder)
    first = AutoModelForMultimodalLM.from_pretrained(folder)
    assert isinstance(config, LSLMConfig)
    assert isinstance(first, LSLMForConditionalGeneration)
    assert config.text_config.model_type == backbone
    assert isinstance(AutoProcessor.from_pretrained(folder), LSLMProcessor)
    first.save_pretrained(tmp_path / "again")
    second = AutoModelForMultimodalLM.from_pretrained(tmp_path / "again")
    for (name, a), b in zip(first.state_dict().items(), second.state_dict().values(), strict=True):
        assert torch.equal(a, b), name


def test_adapter_stacks_k_frames_and_pads_the_last(tmp_path: Path) -> None:
    config = LSLMConfig(
        audio_config={"d_model": 4}, text_config=small_backbone("qwen2", 10), stack_size=3, adapter_hidden_size=8
    )
    adapter = SpeechAdapter(config)
    frames = torch.randn(1, 7, 4)
    tokens = adapter(frames)
    assert tokens.shape == (1, 3, 32)
    by_hand = torch.cat([frames[0, 6], torch.zeros(8)])
    expected = adapter.linear_2(torch.nn.functional.gelu(adapter.linear_1(by_hand)))
    assert_close(tokens[0, 2], expected)


def test_speech_tokens_stand_where_the_placeholders_were(tmp_path: Path) -> None:
    model = AutoModelForMultimodalLM.from_pretrained(build_lslm(tmp_path / "m"))
    placeholder = model.config.audio_token_id
    ids = torch.tensor([[5, placeholder, placeholder, 7], [0, 6, placeholder, 8]])
    speech = torch.randn(2, 4, 32)
    embeds = model.embed(ids, speech)
    torch.testing.assert_close(embeds[0, 1:3], speech[0, :2])
    torch.testing.assert_close(embeds[1, 2], speech[1, 0])
    torch.testing.assert_close(embeds[0, 3], model.get_input_embeddings()(torch.tensor(7)))


def test_more_placeholders_than_speech_tokens(tmp_path: Path) -> None:
    model = AutoModelForMultimodalLM.from_pretrained(build_lslm(tmp_path / "m"))
    ids = torch.full((1, 3), model.config.audio_token_id)
    with pytest.raises(ModelError, match="3 speech placeholders but the encoder gives 2"):
        model.embed(ids, torch.randn(1, 2, 32))


@pytest.mark.parametrize(("n_samples", "n_tokens"), [(1, 1), (1600, 1), (1601, 2), (16_000, 10)])
def test_number_of_speech_tokens(tmp_path: Path, n_samples: int, n_tokens: int) -> None:
    processor = AutoProcessor.from_pretrained(build_lslm(tmp_path / "m"))
    assert processor.n_speech_tokens(n_samples) == n_tokens


@pytest.mark.numeric
def test_lora_beside_the_model_is_applied(tmp_path: Path, wave: np.ndarray) -> None:
    folder = build_lslm(tmp_path / "m")
    plain = load_model(folder)
    tuned = AutoModelForMultimodalLM.from_pretrained(folder)
    wrapped = get_peft_model(tuned.language_model, LoraConfig(r=2, target_modules=["q_proj", "v_proj"]))
    for name, weight in wrapped.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.5)
    wrapped.save_pretrained(folder / "lora")
    tuned.language_model = wrapped
    loaded = load_model(folder)
    encoded = loaded.encode_speech([wave])
    with torch.inference_mode():
        expected = tuned.eval()(**encoded.inputs).logits[:, -1]
    assert_close(loaded.logits(encoded), expected)
    assert differ(plain.logits(plain.encode_speech([wave])), expected)
    assert loaded.identity.content_hash != plain.identity.content_hash


def test_milliseconds_a_token() -> None:
    assert LSLMConfig(stack_size=5).ms_per_token == 100
    assert LSLMConfig(stack_size=4).ms_per_token == 80


@pytest.mark.numeric
@pytest.mark.parametrize("reach", [None, 3])
def test_a_local_encoder_frame_hears_its_neighbourhood_only(reach: int | None) -> None:
    torch.manual_seed(0)
    audio = {"d_model": 8, "encoder_layers": 2, "encoder_attention_heads": 2, "encoder_ffn_dim": 8, "num_mel_bins": 4}
    config = LSLMConfig(
        audio_config={**audio, "max_source_positions": 50},
        text_config=small_backbone("qwen2", 10),
        encoder_reach=reach,
        adapter_hidden_size=8,
    )
    encoder = LSLMForConditionalGeneration(config).eval().encoder.double()  # what leaks far is small, but no rounding
    for weights in encoder.parameters():
        torch.nn.init.normal_(weights, std=0.5)
    sound = torch.randn(1, 4, 100, dtype=torch.float64)
    changed = sound.clone()
    changed[..., 60:] += 1
    difference = (encoder(sound).last_hidden_state - encoder(changed).last_hidden_state).abs().amax(-1)[0]
    first = int((difference > 1e-12 * difference.max()).nonzero()[0])
    # frame 30 begins at mel frame 60; the two convolutions reach 3 mel frames back, each block `reach` frames
    assert first == (0 if reach is None else 29 - 2 * reach)
