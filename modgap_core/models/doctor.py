"""`modgap doctor`: what a loaded model passes, what could not be checked, and what it is like."""

from __future__ import annotations

import copy
import resource
import time
from dataclasses import dataclass

import numpy as np
import torch

from modgap_core.models.check import Check
from modgap_core.models.self_check import TEXT, doubled, self_check
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.models.tolerance import relative_difference, tolerance_of

_N_RECOMPUTED = 6


@dataclass(frozen=True)
class Diagnosis:
    """The doctor's findings.

    Attributes:
        checks: what was checked, passed or not.
        unchecked: sentences about what could not be checked, and why.
        facts: name and value of what a user may want to know.
    """

    checks: tuple[Check, ...]
    unchecked: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(check.passed for check in self.checks)


def diagnose(model: SpeechLM) -> Diagnosis:
    """All checks of the self-check and the slower ones.

    Args:
        model: from `load_model`.
    """
    start_s = time.perf_counter()
    if not model.adapter.hears_any:
        model, notes = model.probing(), ["Units of real speech: no unit tokenizer was given, so the units are made up."]
    else:
        notes = []
    checks, unchecked = [*self_check(model), check_recompute(model), check_batched(model)], notes
    if getattr(model.adapter.model, "is_quantized", False):
        unchecked.append("bf16 against fp32: the weights are quantized.")
    elif model.dtype == torch.float32:
        checks.append(check_bfloat16(model))
    else:
        unchecked.append(
            f"bf16 against fp32: the weights are loaded in {str(model.dtype).removeprefix('torch.')}; "
            "load them with --dtype float32 to compare."
        )
    if model.device.type == "cpu":
        unchecked.append("GPU: the model runs on the CPU here.")
    return Diagnosis(tuple(checks), tuple(unchecked), _facts(model, time.perf_counter() - start_s))


def _noise(seconds: float) -> np.ndarray:
    return (np.random.default_rng(0).standard_normal(int(16_000 * seconds)) * 0.1).astype(np.float32)


def check_recompute(model: SpeechLM) -> Check:
    """The logits of each token of an edited, cached answer equal those of one run over prompt and answer uncached.

    The recompute reads the cached answer's own tokens, so that two tokens that the logits put equally high, of which
    either may win, do not set the two apart.
    """
    encoded = model.encode_speech([_noise(1.0)])
    edits = {0: doubled}
    with model.run(encoded, None, edits):
        tokens, cached = model.generate_with_logits(encoded, _N_RECOMPUTED)
    n_tokens = tokens.shape[1]
    whole = encoded.followed_by(tokens[0, :-1], model.embed_tokens)
    recomputed, _ = model.logits_with_states(whole, None, edits, n_last=n_tokens)
    worst = relative_difference(cached, recomputed)
    detail = f"{n_tokens} tokens, largest difference of their logits {worst:.1e} of the logits' size"
    return Check("a cached, edited answer equals an uncached recompute", worst <= tolerance_of(model), detail)


def check_batched(model: SpeechLM) -> Check:
    """States of a clip in a batch with a longer one equal those of the clip alone, within rounding."""
    short, long = _noise(0.7), _noise(1.3)
    single = model.span_states(model.encode_speech([short]))
    both = model.encode_speech([short, long])
    in_batch = torch.stack(model.states(both, lambda _layer, states, span: states[0][span[0]].clone()))
    worst = relative_difference(in_batch, single) if single.shape == in_batch.shape else float("inf")
    name = f"batched states equal single ones within {tolerance_of(model):.1g}"
    return Check(name, worst <= tolerance_of(model), f"largest difference {worst:.1e} of the states' size")


def check_bfloat16(model: SpeechLM) -> Check:
    """How far the states in bfloat16 turn away from those in float32; reported, never failed."""
    encoded = model.encode_text([TEXT])
    exact = model.span_states(encoded).float()
    adapter = copy.copy(model.adapter)
    adapter.model = copy.deepcopy(model.adapter.model).to(torch.bfloat16)
    rounded = SpeechLM(adapter, model.identity).span_states(encoded).float()
    cosine = torch.nn.functional.cosine_similarity(exact, rounded, dim=-1)
    lengths = (rounded.norm(dim=-1) / exact.norm(dim=-1) - 1).abs()
    detail = f"smallest cosine {float(cosine.min()):.5f}, lengths within {100 * float(lengths.max()):.2f} %"
    return Check("bf16 against fp32, spread over all layers and tokens", True, detail)


def _facts(model: SpeechLM, seconds: float) -> tuple[tuple[str, str], ...]:
    encoded = model.encode_text([TEXT])
    inside = model.tokenizer.decode(encoded.inputs["input_ids"][0][encoded.span[0]])
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    on_gpu = model.device.type == "cuda"
    memory = torch.cuda.max_memory_allocated() / 2**30 if on_gpu else peak_gb
    layers = model.editable_layers
    return (
        ("model", f"{model.identity.name} ({model.identity.model_type}, content {model.identity.content_hash})"),
        ("layers and width", f"{model.n_layers} layers of width {model.width}"),
        ("layers that can be edited", f"{layers.start} to {layers.stop - 1}"),
        ("speech token", f"{model.ms_per_token:g} ms; clips up to {model.max_duration_s:g} s"),
        ("transcript span", f"{TEXT!r} is read as {inside!r}"),
        ("device and precision", f"{model.device.type}, {str(model.dtype).removeprefix('torch.')}"),
        ("time of these checks", f"{seconds:.1f} s"),
        ("peak memory", f"{memory:.2f} GB on the {'GPU' if on_gpu else 'CPU, the whole process'}"),
    )
