"""Reaching inside: every architecture through the same interface."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from modgap_core.errors import AudioError, ModelError, TranscriptError
from modgap_core.models.hooks import AFTER_NORM
from modgap_core.models.speech_lm import SpeechLM
from tests.tiny_models import plain_hidden_states
from tests.tolerances import assert_close, assert_same_answer, differ

TEXT = "what is this?"


def keep(_layer: int, states: torch.Tensor, _span: torch.Tensor) -> torch.Tensor:
    return states.clone()


def test_self_check_passes(model: SpeechLM) -> None:
    assert len(model.checks) == 5
    assert all(check.passed for check in model.checks)


@pytest.mark.numeric
def test_hooks_equal_output_hidden_states(model: SpeechLM, wave: np.ndarray) -> None:
    for encoded in (model.encode_speech([wave]), model.encode_text([TEXT])):
        hooked = model.states(encoded, keep)
        expected = plain_hidden_states(model, encoded)
        assert len(hooked) == model.n_layers + 2
        for ours, theirs in zip([*hooked[:-2], hooked[-1]], expected, strict=True):
            assert_close(ours, theirs)


def test_layer_numbers_are_told_in_order(model: SpeechLM) -> None:
    layers = model.states(model.encode_text([TEXT]), lambda layer, _h, _s: layer)
    assert layers == [*range(model.n_layers + 1), AFTER_NORM]


def test_speech_span_has_one_position_for_each_token_of_the_clip(model: SpeechLM, wave: np.ndarray) -> None:
    encoded = model.encode_speech([wave, wave[:8000]])
    tokens = encoded.span.sum(-1).tolist()
    seconds = [len(wave) / 16_000, 0.5]
    for count, duration_s in zip(tokens, seconds, strict=True):
        assert abs(count - duration_s * 1000 / model.ms_per_token) <= 1
        assert count <= math.ceil(duration_s * 1000 / model.ms_per_token) + 1


def test_transcript_span_decodes_to_the_transcript(model: SpeechLM) -> None:
    texts = [TEXT, "<b>bold</b> *x* שלום 😀"]
    encoded = model.encode_text(texts)
    for row, text in enumerate(texts):
        assert model.tokenizer.decode(encoded.inputs["input_ids"][row][encoded.span[row]]).strip() == text
        assert {(t.start, t.end) for t in encoded.tokens[row]} <= {(s, s + 1) for s in range(len(text))}
        assert all(t.text == text[t.start : t.end] for t in encoded.tokens[row])


def test_layer_0_of_text_is_the_token_embedding(model: SpeechLM) -> None:
    encoded = model.encode_text([TEXT])
    ids = encoded.inputs["input_ids"][0][encoded.span[0]]
    assert_close(model.span_states(encoded)[0], model.embed_tokens(ids))


@pytest.mark.numeric
def test_batched_states_equal_single_ones(model: SpeechLM, wave: np.ndarray) -> None:
    waves = [wave, wave[:7000]]
    batch = model.encode_speech(waves)
    together = model.states(batch, keep)
    for row, one in enumerate(waves):
        alone = model.span_states(model.encode_speech([one]))
        rows = torch.stack([h[row, batch.span_slices()[row]] for h in together])
        assert_close(rows, alone)


@pytest.mark.numeric
def test_identity_edit_changes_nothing_and_a_real_edit_something(model: SpeechLM, wave: np.ndarray) -> None:
    encoded = model.encode_speech([wave])
    plain = model.logits(encoded)
    for layer in model.editable_layers:
        assert_close(model.logits(encoded, {layer: lambda h, _s: h.clone()}), plain)
        assert differ(model.logits(encoded, {layer: lambda h, s: torch.where(s[..., None], -h, h)}), plain)


@pytest.mark.numeric
def test_generate_with_edit_equals_an_uncached_recompute(model: SpeechLM, wave: np.ndarray) -> None:
    encoded = model.encode_speech([wave])
    edits = {0: lambda h, s: torch.where(s[..., None], h * 3 + 1, h)}
    with torch.inference_mode():
        first = model.generate_ids(encoded, 1)
    assert first.shape == (1, 1)
    (answer,) = model.generate(encoded, edits, max_new_tokens=1)
    best = model.tokenizer.decode(model.logits(encoded, edits).argmax(-1), skip_special_tokens=True).strip()
    assert_same_answer(answer, best, model, encoded, edits, 1)


@pytest.mark.numeric
def test_generated_text_equals_plain_transformers(model: SpeechLM, wave: np.ndarray) -> None:
    encoded = model.encode_speech([wave])
    ids = model.adapter.model.generate(**encoded.inputs, max_new_tokens=5, do_sample=False)
    expected = model.tokenizer.decode(ids[0, encoded.n_prompt :], skip_special_tokens=True).strip()
    answers, states = model.generate_with_states(encoded, keep, max_new_tokens=5)
    assert_same_answer(answers[0], expected, model, encoded, n_tokens=5)
    alone = model.states(encoded, keep)
    for ours, theirs in zip(states, alone, strict=True):
        assert_close(ours, theirs)


def test_hooks_are_removed_after_an_error(model: SpeechLM, wave: np.ndarray) -> None:
    encoded = model.encode_speech([wave])

    def fail(_layer: int, _states: torch.Tensor, _span: torch.Tensor) -> None:
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        model.states(encoded, fail)
    assert all(not layer._forward_pre_hooks for layer in model.decoder.layers)


@pytest.mark.numeric
def test_an_edit_where_keys_are_shared_has_no_effect_and_is_refused(
    tiny_models: dict[str, SpeechLM], wave: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tiny_models["gemma3n"]
    encoded = model.encode_speech([wave])
    plain = model.logits(encoded)
    with pytest.raises(ModelError, match=r"choose a layer from 0 to 2 \(the layers above reuse earlier keys"):
        model.logits(encoded, {3: lambda h, _s: h})
    monkeypatch.setattr(model.decoder.config, "num_kv_shared_layers", 0)
    for layer in (3, 4):
        assert_close(model.logits(encoded, {layer: lambda h, s: torch.where(s[..., None], -h, h)}), plain)


@pytest.mark.numeric
def test_the_speech_lora_of_phi_4_is_on_for_speech_alone(tiny_models: dict[str, SpeechLM], wave: np.ndarray) -> None:
    model = tiny_models["phi-4-multimodal"]
    speech, text = model.encode_speech([wave]), model.encode_text([TEXT])
    with_lora, plain_text = model.span_states(speech), model.span_states(text)
    network = model.adapter.model
    network.disable_adapters()
    with torch.inference_mode():
        without = network(**speech.inputs, output_hidden_states=True).hidden_states
        expected = network(**text.inputs, output_hidden_states=True).hidden_states
    assert_close(plain_text[-1], expected[-1][0][text.span[0]])
    assert differ(with_lora[-1], without[-1][0][speech.span[0]])


@pytest.mark.parametrize("layer", [-1, 3, 99])
def test_unknown_edit_layer(model: SpeechLM, wave: np.ndarray, layer: int) -> None:
    with pytest.raises(ModelError, match=f"Layer {layer} cannot be edited; choose a layer from 0 to 2"):
        model.logits(model.encode_speech([wave]), {layer: lambda h, _s: h})


def test_edit_that_never_fires(model: SpeechLM, wave: np.ndarray) -> None:
    speech, text = model.encode_speech([wave]), model.encode_text([TEXT])
    from modgap_core.models.hooks import prefill_hooks

    with (
        pytest.raises(ModelError, match="never fired"),
        torch.inference_mode(),
        prefill_hooks(model.decoder, speech.span[:, :3], None, {0: lambda h, _s: h}),
    ):
        model.adapter.prefill(text.inputs)


def test_control_tokens_in_a_transcript_are_refused(model: SpeechLM) -> None:
    token = model.tokenizer.all_special_tokens[-1]
    with pytest.raises(TranscriptError, match="a control token of this model; remove it"):
        model.encode_text([f"hello {token} there"])


def test_transcript_longer_than_the_context(model: SpeechLM) -> None:
    with pytest.raises(TranscriptError, match=r"prompt of \d+ tokens, but .* reads at most (256|512); shorten it"):
        model.encode_text(["x" * 600])


def test_clip_longer_than_the_window(model: SpeechLM) -> None:
    longest = model.max_duration_s
    clip = np.broadcast_to(np.float32(1), (int(16_000 * (longest + 1)),))
    with pytest.raises(AudioError, match=rf"lasts {longest + 1:.1f} s, but .* hears at most {longest:g} s; cut it"):
        model.encode_speech([clip])


def test_instruction_stands_before_the_span(model: SpeechLM) -> None:
    plain, told = model.encode_text([TEXT]), model.encode_text([TEXT], "Answer in one word.")
    assert told.n_prompt > plain.n_prompt
    prompt = model.tokenizer.decode(told.inputs["input_ids"][0])
    assert prompt.index("Answer in one word.") < prompt.index(TEXT)
