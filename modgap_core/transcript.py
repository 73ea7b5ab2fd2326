"""Transcripts: what is refused, and what merely deserves a warning."""

from __future__ import annotations

import unicodedata

from modgap_core.errors import TranscriptError

MAX_WORDS = 2_000
MAX_CHARACTERS = 20_000
_SLOWEST_CHARACTERS_PER_S, _FASTEST_CHARACTERS_PER_S = 3.0, 30.0


def check_transcript(text: str) -> str:
    r"""A transcript, stripped; line breaks and tabs become blanks, other control characters are dropped.

    Emoji, right-to-left text, HTML and Markdown are kept as they are: they are text, nothing renders them.

    Raises:
        TranscriptError: it is empty or too long.

    Example:
        >>> check_transcript(" what is\nthe capital ")
        'what is the capital'
    """
    if len(text) > MAX_CHARACTERS:
        raise TranscriptError(
            f"The transcript has {len(text):,} characters; at most {MAX_CHARACTERS:,} can be analysed."
        )
    visible = "".join(c for c in text if c.isspace() or unicodedata.category(c) != "Cc")
    words = visible.split()
    if not words:
        raise TranscriptError("The transcript is empty; type what is said in the clip.")
    if len(words) > MAX_WORDS:
        raise TranscriptError(f"The transcript has {len(words):,} words; at most {MAX_WORDS:,} can be analysed.")
    return " ".join(words)


def fit_warning(transcript: str, duration_s: float) -> str | None:
    """A sentence when a transcript cannot be what is said in that time.

    Args:
        transcript: the text.
        duration_s: length of the clip.

    Returns:
        None while the rate is between 3 and 30 characters a second.

    Example:
        >>> fit_warning("what is the capital of france", 2.0) is None
        True
    """
    rate = len(transcript) / duration_s
    if _SLOWEST_CHARACTERS_PER_S <= rate <= _FASTEST_CHARACTERS_PER_S:
        return None
    return (
        f"The transcript does not seem to fit the sound: {len(transcript)} characters in {duration_s:.1f} s are "
        f"{rate:.1f} a second, and speech has 3 to 30; check that it is what is said."
    )
