"""Instruction following: Google's 25 IFEval checkers, from the library if-verifiable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from math import isnan
from typing import Any

from modgap_core.extras import need_extra
from modgap_core.scoring.score import Question, Score, ScoringError

_PARTS = {
    "ifeval_prompt_strict": "binary_strict",
    "ifeval_prompt_loose": "binary_loose",
    "ifeval_instruction_strict": "partial_strict",
    "ifeval_instruction_loose": "partial_loose",
}
FINAL = "ifeval"


@dataclass(frozen=True)
class Ifeval:
    """One of IFEval's scores of a prompt.

    Attributes:
        name: ``ifeval`` is the mean of the four: prompt and instruction, strict and loose.
    """

    name: str = FINAL

    @property
    def version(self) -> str:
        """Of if-verifiable."""
        return f"if-verifiable {version('if-verifiable')}"

    def __call__(self, question: Question, answer: str) -> Score:
        """0..1; the rule names the instructions that were followed."""
        parts, rule = _evaluated(question, answer)
        if self.name == FINAL:
            return Score(sum(parts.values()) / len(parts), rule)
        return Score(parts[self.name], rule)


def ifeval_scorers() -> tuple[Ifeval, ...]:
    """The mean, then its four parts.

    Raises:
        ScoringError: if-verifiable is not installed.
    """
    need_extra("corpus", "The task ifeval", "if_verifiable", error=ScoringError)
    return (Ifeval(), *(Ifeval(name) for name in _PARTS))


def _evaluated(question: Question, answer: str) -> tuple[dict[str, float], str]:
    from if_verifiable import evaluate_output_for_sample
    from langdetect import DetectorFactory

    DetectorFactory.seed = 0
    sample = _sample(question)
    instructions = sample.instruction_id_list
    try:
        results, scores = evaluate_output_for_sample("ifeval", sample, answer)
    except (KeyError, TypeError, ValueError, LookupError) as error:
        raise ScoringError(_why(error, instructions)) from error
    followed = [result.instruction_id for result in results if result.strict_pass]
    parts = {name: float(getattr(scores, part)) for name, part in _PARTS.items()}
    return parts, f"followed: {', '.join(followed) or 'none'}" if results else "nothing said"


def _sample(question: Question) -> Any:
    """The question as if-verifiable wants it, checked: it would leave out an instruction that it does not know."""
    from if_verifiable import IFEvalSample

    details = question.details
    instructions, given = details.get("instruction_id_list") or [], details.get("kwargs")
    if not instructions:
        raise ScoringError("An ifeval item has no instruction_id_list; give the columns of the IFEval data set.")
    if not _is_list_of(instructions, str) or not (given is None or _is_list_of(given, Mapping | None)):
        raise ScoringError(
            f"An ifeval item has the instruction_id_list {instructions!r} and kwargs {given!r}; give a list of names, "
            "and a list of mappings."
        )
    if unknown := [name for name in instructions if name not in _known_instructions()]:
        raise ScoringError(f"IFEval cannot check {unknown[0]!r}; it is none of its 25 instructions.")
    arguments = [_given(kwargs) for kwargs in ([{}] * len(instructions) if given is None else given)]
    if len(arguments) != len(instructions):
        raise ScoringError(
            f"An ifeval item has {len(instructions)} instructions and {len(arguments)} kwargs; give one for each."
        )
    return IFEvalSample(details.get("key", 0), question.prompt, instructions, arguments)


def _is_list_of(values: Any, kind: Any) -> bool:
    return isinstance(values, list | tuple) and all(isinstance(value, kind) for value in values)


def _why(error: Exception, instructions: list[str]) -> str:
    if type(error) is LookupError:  # so NLTK says that data are missing; its message is a page long
        return (
            f"IFEval cannot check {', '.join(instructions)}: NLTK's sentence splitter is not there; "
            "python -m nltk.downloader punkt_tab"
        )
    told = (str(error).strip().splitlines() or [type(error).__name__])[0][:120]
    return f"IFEval cannot check {', '.join(instructions)} ({told}); check instruction_id_list and kwargs."


def _known_instructions() -> set[str]:
    from if_verifiable.ifeval.instructions_registry import INSTRUCTION_DICT

    return set(INSTRUCTION_DICT)


def _given(kwargs: Any) -> dict[str, Any]:
    """Without the arguments that are not set; whole numbers as such (Parquet makes floats of them)."""
    given = {k: v for k, v in dict(kwargs or {}).items() if v is not None and not (isinstance(v, float) and isnan(v))}
    return {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in given.items()}
