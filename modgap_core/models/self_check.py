"""What a model must pass before its numbers are believed; run on the loaded weights, in seconds."""

from __future__ import annotations

import numpy as np
import torch

from modgap_core.models.check import Check
from modgap_core.models.encoded import Encoded
from modgap_core.models.hooks import AFTER_NORM, Edit
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.models.tolerance import relative_difference, tolerance_of

TEXT = "what is the capital of france"


def _keep(_layer: int, states: torch.Tensor, _span: torch.Tensor) -> torch.Tensor:
    return states.clone()


def _keep_numbered(layer: int, states: torch.Tensor, _span: torch.Tensor) -> tuple[int, torch.Tensor]:
    return layer, states.clone()


def _same_states(states: torch.Tensor, _span: torch.Tensor) -> torch.Tensor:
    return states.clone()


def doubled(states: torch.Tensor, span: torch.Tensor) -> torch.Tensor:
    """An edit that no model can miss."""
    return torch.where(span.unsqueeze(-1), 2 * states + 1, states)


def check_hooks(model: SpeechLM, encoded: Encoded, name: str) -> Check:
    """Hooked layers 0..L-1, and L after the norm, come in order and equal ``output_hidden_states`` within rounding.

    Of several streams (Gemma3n) the first is compared, and the last entry, which is before the norm there, is not.
    """
    numbers, hooked = zip(*model.states(encoded, _keep_numbered), strict=True)
    with model.lock, torch.inference_mode():
        inputs = model.prefill_inputs(encoded)
        expected = model.adapter.model(**inputs, use_cache=False, output_hidden_states=True).hidden_states
    pairs = list(zip([*hooked[: model.n_layers], hooked[-1]], expected, strict=True))
    if expected[0].ndim != hooked[0].ndim:
        pairs = [(a, streams[0]) for a, streams in pairs[:-1]]
    in_order = list(numbers) == [*range(model.n_layers + 1), AFTER_NORM]
    worst = _worst([relative_difference(a, b) for a, b in pairs])
    detail = f"largest difference {worst:.1e} of the states' size" if in_order else f"the layers run as {numbers}"
    return Check(f"hooks equal output_hidden_states ({name})", in_order and worst <= tolerance_of(model), detail)


def _worst(differences: list[float]) -> float:
    return float(torch.tensor(differences).max())  # unlike Python's max, it lets no NaN through unseen


def check_identity_edit(model: SpeechLM, encoded: Encoded) -> Check:
    """Writing the span's own states back leaves the logits as they were, within rounding."""
    worst = _moved(model, encoded, _same_states)
    name = "an edit that changes nothing leaves the answer's logits"
    return Check(name, worst <= tolerance_of(model), f"they moved by {worst:.1e} of their size")


def _moved(model: SpeechLM, encoded: Encoded, edit: Edit) -> float:
    return relative_difference(model.logits(encoded, {0: edit}), model.logits(encoded))


def check_edit_reach(model: SpeechLM, encoded: Encoded) -> Check:
    """A real edit changes the logits, more than one that changes nothing, and no position before the span."""
    moved, unmoved = _moved(model, encoded, doubled), _moved(model, encoded, _same_states)
    before = encoded.span.cumsum(-1) == 0
    plain, edited = model.states(encoded, _keep), model.states(encoded, _keep, {0: doubled})
    leaked = _worst([relative_difference(a[before], b[before]) for a, b in zip(edited, plain, strict=True)])
    detail = f"logits moved by {moved:.1e} of their size, earlier positions by {leaked:.1e}"
    passed = moved > unmoved and leaked <= tolerance_of(model)
    return Check("an edit changes the answer and nothing before the span", passed, detail)


def check_generate(model: SpeechLM, encoded: Encoded) -> Check:
    """The logits of an edited run's first token are those of an uncached recompute, within rounding.

    Not the tokens are compared: of two that the logits put equally high, either may win by the last bit.
    """
    edits = {0: doubled}
    with model.run(encoded, None, edits) as recorder:
        _, logits = model.generate_with_logits(encoded, 1)
    worst = relative_difference(logits[:, 0], model.logits(encoded, edits))
    detail = f"the edit fired {recorder.fired[0]} time(s), logits differ by {worst:.1e} of their size"
    passed = worst <= tolerance_of(model) and recorder.fired[0] == 1
    return Check("generate applies the edit once and agrees with a recompute", passed, detail)


def self_check(model: SpeechLM) -> tuple[Check, ...]:
    """All checks on one second of noise and a short question.

    Args:
        model: a loaded model.
    """
    model = model.probing()
    noise = np.random.default_rng(0).standard_normal(16_000).astype(np.float32) * 0.1
    speech, text = model.encode_speech([noise]), model.encode_text([TEXT])
    return (
        check_hooks(model, speech, "speech"),
        check_hooks(model, text, "text"),
        check_identity_edit(model, speech),
        check_edit_reach(model, speech),
        check_generate(model, speech),
    )
