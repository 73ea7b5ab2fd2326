"""Whether an answer is right, in words; pure, no streamlit."""

from __future__ import annotations

from modgap_core.same_words import same_words


def verdict(answer: str, reference: str) -> str:
    """Right or wrong against the reference, word by word; a plain remark where there is none.

    >>> verdict("the capital of austria is vienna", "The capital of Austria is Vienna")
    'right'
    >>> verdict("the capital of australia is canberra", "the capital of austria is vienna")
    'wrong; expected: the capital of austria is vienna'
    """
    if not reference:
        return "no reference answer is known"
    return "right" if same_words(answer, reference) else f"wrong; expected: {reference}"
