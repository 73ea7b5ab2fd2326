"""Another question, whose words the control `other-transcript` writes into the spoken prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from modgap_core.models.speech_lm import SpeechLM
from modgap_core.same_words import same_words
from modgap_core.scoring.expected import Expected
from modgap_core.states.null_bank import shipped_utterances


@dataclass(frozen=True)
class OtherQuestion:
    """A question that can be written into another one's prompt.

    Attributes:
        name: of the item of a corpus, or of the null reference.
        transcript: its words.
        expected: how answers to it are judged.
        n_tokens: text tokens of the transcript.
    """

    name: str
    transcript: str
    expected: Expected
    n_tokens: int


@dataclass(frozen=True)
class OtherText:
    """Another question inside the model.

    Attributes:
        question: the question.
        states: (N, Tt', d) of its transcript span, N = L + 2.
    """

    question: OtherQuestion
    states: torch.Tensor

    def at_places(self, n_text: int) -> torch.Tensor:
        """(N, n_text, d): for each of n_text tokens the state of the other transcript's token at the same place.

        Of a transcript of another length, the token that lies as far along.
        """
        n_other = self.states.shape[1]
        places = torch.arange(n_text, device=self.states.device) * n_other // n_text
        return self.states[:, places]


def shipped_questions(model: SpeechLM) -> list[OtherQuestion]:
    """The transcripts of the null reference; no right answer is known of them."""
    return [
        OtherQuestion("null reference", each.transcript, Expected(task="none"), n_tokens(model, each.transcript))
        for each in shipped_utterances()
    ]


def n_tokens(model: SpeechLM, transcript: str) -> int:
    """Text tokens of a transcript in a model."""
    return len(model.encode_text([transcript]).tokens[0])


def closest_question(
    questions: Sequence[OtherQuestion], transcript: str, expected: Expected, length: int
) -> OtherQuestion | None:
    """The question of about the same length with other words and another right answer; the first of equal ones.

    Args:
        questions: to choose from.
        transcript: of the prompt that is edited.
        expected: of that prompt.
        length: its text tokens.

    Returns:
        None where all say, or ask for, the same.
    """
    able = [other for other in questions if not _is_alike(other, transcript, expected)]
    return min(able, key=lambda other: abs(other.n_tokens - length), default=None)


def _is_alike(other: OtherQuestion, transcript: str, expected: Expected) -> bool:
    if same_words(other.transcript, transcript):
        return True
    return bool(other.expected.target) and same_words(other.expected.target, expected.target)


def read_other(model: SpeechLM, question: OtherQuestion) -> OtherText:
    """Run its transcript through the model."""
    return OtherText(question, model.span_states(model.encode_text([question.transcript])))
