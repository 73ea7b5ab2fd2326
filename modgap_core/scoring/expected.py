"""What is expected of an answer, and the one verdict on it: that of the task's primary scorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Any

from modgap_core.scoring.mcq_reference import LETTERS, right_letter
from modgap_core.scoring.open_qa import SEPARATOR, references
from modgap_core.scoring.score import Question, Score, Scorer, ScoringError
from modgap_core.scoring.scorers import TASKS, scorers_for, tasks

QA, MCQ, REFUSAL, IFEVAL = "qa", "mcq", "refusal", "ifeval"


@dataclass(frozen=True)
class Expected:
    """How an answer is judged.

    Attributes:
        reference: the right answer; a letter or an option's text for mcq, texts separated by ``|`` for qa; empty
            where it is not known.
        task: qa, mcq, refusal, ifeval or none.
        details: what a scorer needs beside the reference: choices of mcq; key, instruction_id_list, kwargs of ifeval.
    """

    reference: str = ""
    task: str = QA
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.task not in TASKS and self.task not in tasks():
            raise ScoringError(f"Unknown task {self.task!r}; choose from {', '.join(tasks())}.")
        if self.task == MCQ and self.reference.strip() and right_letter(self.question("")) is None:
            raise ScoringError(
                f"The right answer of a multiple-choice question is {self.reference[:40]!r}; give a letter from A to "
                f"{LETTERS[-1]}, or the text of one of the choices."
            )

    @property
    def choices(self) -> tuple[str, ...]:
        """Texts of the options of mcq."""
        return tuple(self.details.get("choices") or ()) if self.task == MCQ else ()

    @property
    def target(self) -> str:
        """The answer whose log-probability can be followed: the right option's text, or the first right answer.

        Empty where there is none.

        >>> Expected("B", "mcq", {"choices": ["calf", "cygnet"]}).target, Expected("vienna|wien").target
        ('cygnet', 'vienna')
        """
        if self.task != MCQ:
            return next(iter(references(self.question(""))), "")
        letter = right_letter(self.question(""))
        place = -1 if letter is None else LETTERS.index(letter)
        return self.choices[place] if 0 <= place < len(self.choices) else (letter or "")

    @property
    def words(self) -> str:
        """What is expected, for people.

        >>> Expected("B", "mcq", {"choices": ["calf", "cygnet"]}).words, Expected("vienna|wien").words
        ('B (cygnet)', 'vienna or wien')
        """
        if self.task == MCQ:
            letter = right_letter(self.question("")) or ""
            return f"{letter} ({self.target})" if self.target != letter else letter
        said = " or ".join(references(self.question("")))
        return said or {REFUSAL: "a refusal", IFEVAL: "an answer that follows the instructions"}.get(self.task, "")

    @property
    def scorer(self) -> str:
        """Name and version of the task's primary scorer; empty for the task none."""
        return next((f"{scorer.name} {scorer.version}" for scorer in scorers_for(self.task)), "")

    def question(self, prompt: str) -> Question:
        """What a scorer is told.

        Args:
            prompt: the transcript.
        """
        return Question(prompt, self.reference, self.details)

    def score(self, prompt: str, answer: str) -> Score:
        """What the task's primary scorer gives for an answer, as in a corpus.

        Args:
            prompt: the transcript.
            answer: of the model.

        Returns:
            A value of 0..1 and what decided; NaN for what is not scored.
        """
        question = self.question(prompt)
        primary = next(iter(scorers_for(self.task)), None)
        return Score(nan, "not scored") if primary is None else scored(primary, question, answer)


def as_expected(reference: Expected | str) -> Expected:
    """A text as the right answer of an open question."""
    return reference if isinstance(reference, Expected) else Expected(reference)


def expected_answer(reference: str, task: str = QA, choices: Sequence[str] = ()) -> Expected:
    """What a person types, checked.

    Args:
        reference: the right answer.
        task: qa, mcq, refusal or none.
        choices: of mcq.

    Raises:
        ScoringError: these do not go together.
    """
    if choices and task != MCQ:
        raise ScoringError(f"The task is {task!r} and there are choices; choices belong to the task {MCQ!r}.")
    if len(choices) > len(LETTERS):
        raise ScoringError(f"There are {len(choices)} choices; give up to {len(LETTERS)}, A to {LETTERS[-1]}.")
    if task == IFEVAL:
        raise ScoringError("The task 'ifeval' needs the instructions of its data set; run it as a corpus.")
    expected = Expected(reference, task, {"choices": [choice.strip() for choice in choices]} if choices else {})
    letter = right_letter(expected.question("")) if task == MCQ else None
    if choices and letter is not None and LETTERS.index(letter) >= len(choices):
        raise ScoringError(f"The right answer is {letter}, but there are {len(choices)} choices; give one of them.")
    return expected


def scored(scorer: Scorer, question: Question, answer: str) -> Score:
    """The score, or none with the reason as its rule: one answer that cannot be scored stops nothing."""
    try:
        return scorer(question, answer)
    except ScoringError as error:
        return Score(nan, str(error))
    except Exception as error:  # a library's checker may meet an answer that it was not made for
        return Score(nan, f"{scorer.name} failed: {type(error).__name__}: {error}"[:300])


def split_choices(text: str) -> tuple[str, ...]:
    """Options as they are typed, separated by a bar.

    >>> split_choices("calf|duckling|cygnet")
    ('calf', 'duckling', 'cygnet')
    """
    return tuple(part.strip() for part in text.split(SEPARATOR)) if text.strip() else ()
