"""Which words of an answer differ from another one; pure, no streamlit."""

from __future__ import annotations

from difflib import SequenceMatcher

from dashboard.shared.plain import plain


def marked_differences(answer: str, other: str) -> str:
    """The answer as safe Markdown, with the words marked that are not in the other one at that place.

    >>> marked_differences("it is vienna", "it is rome")
    'it is :orange-background[vienna]'
    """
    words, known = answer.split(), other.split()
    parts = []
    for what, start, end, _, _ in SequenceMatcher(a=words, b=known, autojunk=False).get_opcodes():
        piece = plain(" ".join(words[start:end]))
        if piece:
            parts.append(piece if what == "equal" else f":orange-background[{piece}]")
    return " ".join(parts)
