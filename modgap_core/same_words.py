"""When two sentences count as the same: an answer and its reference, two transcripts."""

from __future__ import annotations


def same_words(one: str, other: str) -> bool:
    """Whether two sentences have the same words in the same order, letter case and blanks aside.

    >>> same_words("The capital of Austria is Vienna", "the capital of  austria is vienna")
    True
    """
    return words_of(one) == words_of(other)


def words_of(sentence: str) -> tuple[str, ...]:
    """What `same_words` compares.

    >>> words_of("The  Nile")
    ('the', 'nile')
    """
    return tuple(sentence.lower().split())
