"""The self-check and the doctor: rounding never refuses a model, a fault always does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from modgap_core.errors import ModelError
from modgap_core.models import hooks, speech_lm
from modgap_core.models.check import Check
from modgap_core.models.doctor import check_batched, check_recompute, diagnose
from modgap_core.models.encoded import positions
from modgap_core.models.load import load_model
from modgap_core.models.self_check import self_check
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.models.tolerance import relative_difference, relative_tolerance, tolerance_of
from tests.tiny_models import BUILDERS

pytestmark = pytest.mark.numeric
FAMILIES = ["lslm-qwen2", "lslm-llama", "gemma4", "phi-4-multimodal"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return BUILDERS["lslm-llama"](tmp_path_factory.mktemp("llama"))


@pytest.fixture
def fresh(folder: Path) -> SpeechLM:
    """A model of this test's own, to be broken."""
    return load_model(folder)


def failed(checks: tuple[Check, ...]) -> list[str]:
    """Names of the checks that did not pass."""
    return [check.name for check in checks if not check.passed]


def rounded_differently(model: SpeechLM, size: float) -> None:
    """Let every block's attention come out a little different in every run, as another summation order would."""
    generator = torch.Generator().manual_seed(0)

    def noisy(_module: nn.Module, _given: object, out: tuple[Any, ...]) -> tuple[Any, ...]:
        states = out[0]
        noise = torch.randn(states.shape, generator=generator).to(states.dtype)
        return (states + size * states.square().mean().sqrt() * noise, *out[1:])

    for layer in model.decoder.layers:
        layer.self_attn.register_forward_hook(noisy)


# -- the measure --------------------------------------------------------------------------------


def test_each_token_is_measured_by_its_own_size() -> None:
    large, small = torch.full((4,), 1000.0), torch.full((4,), 0.1)
    off = torch.stack([large, 1.5 * small])
    assert relative_difference(off, torch.stack([large, small])) == pytest.approx(0.5)
    assert relative_difference(1e6 * off, 1e6 * torch.stack([large, small])) == pytest.approx(0.5)


def test_what_is_not_a_number_is_no_agreement_and_equal_infinities_are() -> None:
    masked = torch.tensor([[1.0, -torch.inf]])
    assert relative_difference(masked, masked) == 0.0
    assert not relative_difference(torch.tensor([[1.0, torch.nan]]), masked) <= 1.0
    assert not relative_difference(torch.tensor([[1.0, 5.0]]), masked) <= 1.0
    assert relative_difference(torch.zeros(0, 3), torch.zeros(0, 3)) == 0.0


def test_rounding_in_each_precision_stays_far_below_the_bound() -> None:
    """A product summed in another order; a single wrong summand of a hundred is above it in float32."""
    generator = torch.Generator().manual_seed(0)
    weights, states = torch.randn(100, 64, generator=generator), torch.randn(9, 100, generator=generator)
    order = torch.randperm(100, generator=generator)
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        a, b = states.to(dtype), weights.to(dtype)
        assert relative_difference(a[:, order] @ b[order], a @ b) < relative_tolerance(dtype) / 3
    without = states.clone()
    without[:, 3] = 0
    assert relative_difference(without @ weights, states @ weights) > 10 * relative_tolerance(torch.float32)


# -- rounding is accepted -----------------------------------------------------------------------


@pytest.mark.parametrize("size", [1e-7, 1e-5])
def test_a_cpu_whose_runs_differ_in_the_last_bits_refuses_no_model(fresh: SpeechLM, size: float) -> None:
    rounded_differently(fresh, size)
    assert failed(diagnose(fresh).checks) == []


def test_two_tokens_of_equal_logits_refuse_no_model(fresh: SpeechLM) -> None:
    """Which of the two is generated, the last bit decides, and every later token hangs on it."""
    head = fresh.adapter.model.get_output_embeddings().weight
    with torch.no_grad():
        for other in range(7, 60):
            head[other] = head[6]
            head[other] *= 1 + 1e-7 * other
        head[:6] *= 1e-3
        head[60:] *= 1e-3
    rounded_differently(fresh, 1e-6)
    assert failed((*self_check(fresh), check_recompute(fresh))) == []


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", FAMILIES)
def test_half_precision_is_accepted(tiny_folders: dict[str, Path], name: str, dtype: str) -> None:
    model = load_model(tiny_folders[name], dtype=dtype)
    assert failed(diagnose(model).checks) == []
    assert tolerance_of(model) == relative_tolerance(model.dtype)


# -- faults are refused -------------------------------------------------------------------------


def test_hooks_behind_the_blocks_instead_of_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every layer would be the next one."""

    def post_hook(block: nn.Module, act: Callable[[torch.Tensor], torch.Tensor]) -> Any:
        return block.register_forward_hook(lambda _module, _args, out: act(out))

    monkeypatch.setattr(hooks, "_pre_hook", post_hook)
    with pytest.raises(ModelError, match=r"fails ModGap's self-check.*hooks equal output_hidden_states \(speech\)"):
        load_model(folder)


def test_blocks_in_another_order_than_they_run(fresh: SpeechLM) -> None:
    """The states alone would not tell, because they are collected as the blocks run; an edit would hit another."""

    class Shuffled(nn.Module):
        def __init__(self, decoder: nn.Module) -> None:
            super().__init__()
            self.layers, self.norm = nn.ModuleList([*decoder.layers][::-1]), decoder.norm
            self.config = decoder.config

    fresh.decoder = Shuffled(fresh.decoder)
    checks = self_check(fresh)
    assert failed(checks)[:2] == [f"hooks equal output_hidden_states ({side})" for side in ("speech", "text")]
    assert checks[0].detail == "the layers run as (2, 1, 0, 3, -1)"


def test_tokens_that_see_what_comes_after_them(fresh: SpeechLM) -> None:
    """Without the causal mask, the edit reaches the prompt before the span."""
    for layer in fresh.decoder.layers:
        layer.self_attn.is_causal = False
    assert "an edit changes the answer and nothing before the span" in failed(self_check(fresh))


def test_a_mask_that_forgets_the_padding(fresh: SpeechLM, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_batched(fresh).passed
    prefill = fresh.adapter.prefill

    def unmasked(inputs: dict[str, Any]) -> None:
        prefill({**inputs, "attention_mask": torch.ones_like(inputs["attention_mask"])})

    monkeypatch.setattr(fresh.adapter, "prefill", unmasked)
    assert not check_batched(fresh).passed


def test_positions_apart_from_those_of_generate(fresh: SpeechLM, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefills that count each position twice measure another model than the one that answers."""
    monkeypatch.setattr(speech_lm, "positions", lambda mask: 2 * positions(mask))
    name = "generate applies the edit once and agrees with a recompute"
    assert name in failed(self_check(fresh))
    assert not check_recompute(fresh).passed


def test_positions_that_count_the_padding(fresh: SpeechLM, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rotary positions are relative, so that a shift of a whole row changes nothing and is no fault."""
    monkeypatch.setattr(speech_lm, "positions", lambda mask: positions(mask) + 5)
    assert failed((*self_check(fresh), check_recompute(fresh))) == []


def test_an_edit_without_effect(fresh: SpeechLM, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounding moves the logits too; that alone is no effect."""
    rounded_differently(fresh, 1e-7)
    monkeypatch.setattr("modgap_core.models.self_check.doubled", lambda states, _span: states.clone())
    name = "an edit changes the answer and nothing before the span"
    seen = [name in failed(self_check(fresh)) for _ in range(6)]
    assert any(seen)


def test_states_that_are_not_numbers(folder: Path) -> None:
    model = load_model(folder)
    with torch.no_grad():
        model.decoder.layers[1].mlp.down_proj.weight[0] = torch.nan
    assert len(failed(self_check(model))) == 5
