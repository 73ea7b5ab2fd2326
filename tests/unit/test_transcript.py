"""Transcripts that are refused, kept, or warned about."""

from __future__ import annotations

import pytest

from modgap_core.errors import TranscriptError
from modgap_core.transcript import check_transcript, fit_warning


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x07"])
def test_empty(text: str) -> None:
    with pytest.raises(TranscriptError, match="The transcript is empty; type what is said"):
        check_transcript(text)


def test_ten_thousand_words() -> None:
    with pytest.raises(TranscriptError, match="10,000 words; at most 2,000"):
        check_transcript("a " * 10_000)
    with pytest.raises(TranscriptError, match="60,000 characters; at most 20,000"):
        check_transcript("word12" * 10_000)


@pytest.mark.parametrize(
    "text", ["😀 hello", "שלום עולם", "<b>bold</b><script>x</script>", "**bold** [a](b)", "a $x$ :red[b]"]
)
def test_text_is_kept_as_it_is(text: str) -> None:
    assert check_transcript(text) == text


def test_control_characters_and_line_breaks() -> None:
    assert check_transcript("what\x00 is\r\nthe\tcapital") == "what is the capital"


@pytest.mark.parametrize(("text", "seconds"), [("hi", 4.0), ("word " * 40, 1.0)])
def test_misfit_is_told_with_its_rate(text: str, seconds: float) -> None:
    warning = fit_warning(text, seconds)
    assert warning is not None
    assert f"{len(text) / seconds:.1f} a second" in warning


def test_fit_is_not_told() -> None:
    assert fit_warning("what is the capital of france", 1.8) is None
