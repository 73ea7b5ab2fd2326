"""A judge of one's own: any callable that grades an answer, an LLM behind it or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from modgap_core.scoring.score import Question, Score, ScoringError

Grade = Callable[[str, str, str], float]
"""``grade(prompt, reference, answer) -> 0..1``."""


@dataclass(frozen=True)
class Judge:
    """A plugged-in judge.

    Attributes:
        grade: called for each answer.
        name: MODULE:FUNCTION, as on the command line.
        version: ``__version__`` of the module, if it has one.
    """

    grade: Grade
    name: str
    version: str = "unknown"

    def __call__(self, question: Question, answer: str) -> Score:
        """What the judge says.

        Raises:
            ScoringError: it says no number from 0 to 1, or fails.
        """
        try:
            value = float(self.grade(question.prompt, question.reference, answer))
        except (Exception, SystemExit) as error:  # a user's own code may raise anything
            raise ScoringError(f"The judge {self.name!r} failed: {type(error).__name__}: {error}.") from error
        if not 0 <= value <= 1:
            raise ScoringError(f"The judge {self.name!r} said {value!r}; it must say a number from 0 to 1.")
        return Score(value, "judge")


def import_judge(name: str) -> Judge:
    """``module:function`` as a judge; the module is imported from Python's path.

    Raises:
        ScoringError: there is no such module or function.
    """
    module_name, _, function = name.partition(":")
    try:
        module = import_module(module_name)
        grade = getattr(module, function)
    except Exception as error:  # a user's own module may raise anything
        raise ScoringError(f"{name!r} is no judge ({error}); write MODULE:FUNCTION.") from error
    if not callable(grade):
        raise ScoringError(f"{name!r} is no function from prompt, reference and answer to a grade.")
    return Judge(grade, name, str(getattr(module, "__version__", "unknown")))
