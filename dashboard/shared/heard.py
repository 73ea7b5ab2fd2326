"""What an ASR made of a clip, and what the same LLM answers to that; pure, no streamlit."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.shared.word_difference import marked_differences
from modgap_core.same_words import same_words

NOTHING = "(no words)"


@dataclass(frozen=True)
class PipelineAnswer:
    """The pipeline of one item of a corpus run: ASR, then the same LLM.

    Attributes:
        heard: what the ASR wrote.
        answer: of the LLM to what the ASR wrote.
    """

    heard: str
    answer: str


def heard_words(transcript: str, heard: str) -> str:
    """What the ASR wrote as safe Markdown; the words marked that are not said at that place.

    >>> heard_words("which continent is russia in", "which continent is asia in")
    'which continent is :orange-background[asia] in'
    """
    return marked_differences(heard, transcript) or NOTHING


def misheard(transcript: str, heard: str) -> bool:
    """Whether the ASR wrote other words than were said."""
    return not same_words(transcript, heard)
