"""The tokens of a transcript, as results keep them; needs no model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TextToken:
    """One token of a transcript.

    Attributes:
        text: how it reads, with its leading blank if it has one.
        start: first character in the transcript.
        end: one past the last character in the transcript.
    """

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class WordTime:
    """When a word is said.

    Attributes:
        word: as in the transcript.
        start_s: where it begins in the clip, in seconds.
        end_s: where it ends.
    """

    word: str
    start_s: float
    end_s: float
