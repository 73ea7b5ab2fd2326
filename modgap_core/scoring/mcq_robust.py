"""Multiple choice as a careful person would score it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modgap_core.scoring.mcq_reference import LETTERS, right_letter
from modgap_core.scoring.open_qa import normalised
from modgap_core.scoring.score import Question, Score, no_reference

_LETTER = r"[\s*_\"'(\[{\\]*(?:text(?:bf)?\{|boxed\{)*([A-D])\b(?!'\w)"
_ADVERB = r"(?: (?:most )?(?:likely|probably|clearly|therefore|simply|definitely))?"
_IS = rf"(?: to [^.\n]{{1,60}}?)?(?:(?: is| was| (?:would|should|must) be){_ADVERB}:?|\W*:)"
_SPOKEN = r"(?: the)?(?: option| choice| letter)?"
_CHOOSES = r"choose|select|pick|go(?:ing)? with|say|it is|it's|(?:it|that|this) would be"
_START = r"(?:^|[.;,!?:*\n(\"]|\b(?:option|choice|think|that|so))\W*"
_NAMES_OPTION = "names the option"
_STATED = (
    ("not one but another", rf"\bnot (?:option )?[A-D]\W{{0,2}} but(?: rather)?(?: with)?{_SPOKEN}{_LETTER}"),
    ("answer and letter", r"(?:^|\n)\W*(?:(?:the|my) )?(?:final )?answer\W*\s([A-D])\W*$"),
    ("the answer is", rf"\b(?:(?:answer|option|choice|letter){_IS}|answer(?=\n|\s?\()){_SPOKEN}:?{_LETTER}"),
    ("is the answer", rf"{_START}([A-D])\W{{0,3}}\s+is (?:the )?(?:correct|right|best|answer)\b"),
    ("chooses", rf"\b(?:{_CHOOSES}){_SPOKEN}{_LETTER}"),
    ("boxed", r"\\boxed\{(?:\\text(?:bf)?\{)?([A-D])\b"),
    (_NAMES_OPTION, rf"\b(?:option|choice){_LETTER}"),
    ("begins with the letter", r"^\W*([A-D])(?:[.,:;!。、)\]*\"]|\s*$|\s*\n|\s+(?:because|since|-|–|—)\s)"),
)
"""Ways to state a letter, surest first; of several letters stated in one way the last one is the conclusion."""
_DENIED_BEFORE = re.compile(
    r"(?:n't|\bnot|\bnever)(?: (?:think|believe|say|that|the|be|correct|right|best))*[\s*\"'(]*$", re.I
)
_DENIED_AFTER = re.compile(r"\W{0,3} (?:is|was|would be)(?:n't\b| (?:not|wrong|incorrect|false)\b)", re.I)
_ONE_OF_TWO = re.compile(r"\W?(?: (?:and|or) |\s?/\s?)(?:option |choice )?\W?[A-D]\b(?! (?:is|was))")
_ARTICLE = re.compile(r" (?!(?:is|was|and|or|because|since|as|but|which|seems|looks|would|with|from)\b)[a-z]")


def extract_choice_robust(answer: str, choices: Sequence[str] = ()) -> tuple[str | None, str]:
    """The letter that the answer states, and how.

    Args:
        answer: of the model.
        choices: texts of the options; named by its text, exactly one of them counts as well.

    >>> extract_choice_robust("I think it's B")
    ('B', 'chooses')
    >>> extract_choice_robust("The answer is a good question.")
    (None, 'no option found')
    >>> extract_choice_robust("I don't think the answer is A. The answer is C.")
    ('C', 'the answer is')
    """
    text = re.sub(r"^<[123]>", "", answer.strip()).replace("’", "'").strip()
    text = re.sub(r"(\W)\1{8,}", r"\1\1", text)  # the patterns take quadratic time on long runs of marks
    for rule, pattern in _STATED:
        found = [m for m in re.finditer(pattern, text, re.IGNORECASE) if _is_stated(m)]
        if found and (rule != _NAMES_OPTION or len({m[1].upper() for m in found}) == 1):
            return found[-1][1].upper(), rule
    return _named_by_text(normalised(text), [normalised(choice) for choice in choices[: len(LETTERS)]])


def _named_by_text(said: str, choices: Sequence[str]) -> tuple[str | None, str]:
    """The one option whose text is in the answer; of "new york" and "new york city" the longer one."""
    named = [choice for choice in choices if choice and f" {choice} " in f" {said} "]
    longest = [c for c in named if not any(c != other and f" {c} " in f" {other} " for other in named)]
    if len(longest) != 1 or choices.count(longest[0]) > 1:
        return None, "no option found" if not longest else "names several options"
    letter = LETTERS[choices.index(longest[0])]
    first = said.split(maxsplit=1)[0].upper()
    if len(first) == 1 and first in LETTERS and first != letter and said != longest[0]:
        return None, "letter and text disagree"
    return letter, "names the option's text"


def _is_stated(found: re.Match[str]) -> bool:
    """Whether a letter is one, alone, and not denied: not "a dog", not "A or B", not "is not A", not "A is wrong"."""
    text, end = found.string, found.end(1)
    start = found.start() if found[0][0].isalnum() else found.start(1)
    if _DENIED_BEFORE.search(text, 0, start) or _DENIED_AFTER.match(text, end) or _ONE_OF_TWO.match(text, end):
        return False
    if found[1] == "a":
        return re.match(r"[.:)](?!\w)|[,;!\]}*\"']*\s*$|\W{0,3}\s+is\b", text[end:]) is not None
    names_it = re.search(r"(?:option|choice|letter)\W*$", text[: found.start(1)], re.IGNORECASE)
    return found[1] != "A" or names_it is not None or not _ARTICLE.match(text, end)


class McqRobust:
    """Right or wrong by what the answer states; nothing stated is wrong, and listed."""

    name, version = "mcq_robust", "3"

    def __call__(self, question: Question, answer: str) -> Score:
        """1 or 0; NaN without a reference."""
        right = right_letter(question)
        if right is None:
            return no_reference(question)
        letter, rule = extract_choice_robust(answer, question.details.get("choices") or ())
        if letter is None:
            return Score(0.0, rule)
        return Score(float(letter == right), f"{letter}: {rule}")
