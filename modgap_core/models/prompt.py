"""The prompt around a span: one rendering of the chat template serves speech and transcript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jinja2.exceptions import UndefinedError

from modgap_core.errors import ModelError, TranscriptError
from modgap_core.tokens import TextToken

_SENTINEL = "MODGAPSPAN"


@dataclass(frozen=True)
class Prompt:
    """What stands before and after the span, chat template included."""

    before: str
    after: str

    def around(self, span: str) -> str:
        """The whole prompt with a transcript, or the placeholders of a clip, in the span."""
        return f"{self.before}{span}{self.after}"


def render_prompt(templated: Any, instruction: str = "") -> Prompt:
    """Render the chat template once and cut it at the span.

    Args:
        templated: a processor or tokenizer with ``apply_chat_template``; without a template the prompt is
            the instruction, the span and a line break.
        instruction: text before the span, in the same user turn.
    """
    content = f"{instruction}\n{_SENTINEL}" if instruction else _SENTINEL
    if getattr(templated, "chat_template", None) is None:
        return Prompt(*f"{content}\n".split(_SENTINEL))
    for form in (content, [{"type": "text", "text": content}]):  # templates take one form of content or the other
        before, found, after = _rendered(templated, form).partition(_SENTINEL)
        if found:
            return Prompt(before, after)
    raise ModelError("The model's chat template drops the user's text; ModGap cannot place a transcript in it.")


def _rendered(templated: Any, content: str | list[dict[str, str]]) -> str:
    messages = [{"role": "user", "content": content}]
    try:
        return str(templated.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
    except (TypeError, UndefinedError):  # a template that wants the other form
        return ""


def transcript_span(
    tokenizer: Any, ids: torch.Tensor, offsets: torch.Tensor, prompt: Prompt, transcript: str
) -> tuple[torch.Tensor, tuple[TextToken, ...]]:
    """Which tokens are the transcript's.

    Args:
        tokenizer: decodes the tokens for display.
        ids: (T,) ids of the whole prompt.
        offsets: (T, 2) characters of each token in the whole prompt.
        prompt: the prompt that was tokenised around the transcript.
        transcript: the span's text.

    Returns:
        bool (T,) and the transcript's tokens.

    Raises:
        ModelError: a token holds characters of the transcript and of the prompt around it.
        TranscriptError: the transcript has no token.
    """
    start, end = len(prompt.before), len(prompt.before) + len(transcript)
    first, last = offsets[:, 0], offsets[:, 1]
    inside = (last > start) & (first < end) & (last > first)
    straddles = inside & ((first < start) | (last > end))
    if bool(straddles.any()):
        text = tokenizer.decode(ids[straddles][:1])
        raise ModelError(
            f"The token {text!r} joins the transcript with the prompt around it, so its span is not clean."
        )
    if not bool(inside.any()):
        raise TranscriptError(
            f"The transcript {transcript[:40]!r} has no token that this model reads; type some words."
        )
    spans = (offsets[inside] - start).tolist()
    pieces = [tokenizer.decode([i]) for i in ids[inside].tolist()]
    # a token that holds a part of a character only is shown as that character
    return inside, tuple(
        TextToken(transcript[s:e] if "\ufffd" in piece else piece, s, e)
        for piece, (s, e) in zip(pieces, spans, strict=True)
    )


def refuse_control_tokens(control_tokens: Sequence[str], transcript: str) -> None:
    """Raise if the transcript holds a control token of the model, which would change the prompt itself."""
    for token in control_tokens:
        if token in transcript:
            raise TranscriptError(f"The transcript contains {token!r}, a control token of this model; remove it.")
