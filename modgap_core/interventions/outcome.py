"""What came out of an intervention: geometry and answer, before and after."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from modgap_core.interventions.condition import Condition
from modgap_core.interventions.method import Method
from modgap_core.interventions.token_choice import TokenPair
from modgap_core.metrics.metric import Metric
from modgap_core.models.encoded import TextToken
from modgap_core.results.pair_result import MetricValues
from modgap_core.results.provenance import Provenance
from modgap_core.same_words import same_words
from modgap_core.scoring.expected import Expected
from modgap_core.scoring.score import Score

TEXT, SPEECH = "text", "speech"


@dataclass(frozen=True)
class NextToken:
    """One entry of the distribution at the first answer position."""

    text: str
    probability: float


@dataclass(frozen=True)
class Outcome:
    """One run: the text, the speech as it is, or the speech with an intervention.

    Attributes:
        label: ``text``, ``speech`` or the condition's label.
        condition: None for text and unedited speech.
        answer: greedy.
        pairs: the changed speech tokens, each with the text token it was turned to.
        undefined: speech tokens that kept their state because the new one is undefined.
        target_logprob: log-probability of the target answer, natural logarithm, summed over its tokens.
        top_tokens: the most probable first tokens of the answer.
        kl_from_speech: KL divergence (nats) of this first-token distribution from the unedited speech's:
            sum p_speech log(p_speech / p_this).
        cosine: quantities of f_cos between this speech span and the text; None for the text run.
        euclidean: quantities of f_d, likewise.
        consistency: (N,) path consistency; None for the text run.
    """

    label: str
    condition: Condition | None
    answer: str
    pairs: tuple[TokenPair, ...]
    undefined: tuple[int, ...]
    target_logprob: float
    top_tokens: tuple[NextToken, ...]
    kl_from_speech: float
    cosine: MetricValues | None
    euclidean: MetricValues | None
    consistency: NDArray[np.float32] | None

    def values(self, metric: Metric | str) -> MetricValues | None:
        """The quantities of one similarity function.

        Raises:
            ModGapError: there is no such function.
        """
        return {Metric.COSINE: self.cosine, Metric.EUCLIDEAN: self.euclidean}[Metric(metric)]

    def aps(self, metric: Metric | str) -> float:
        """Alignment Path Score over layers 1..L, L before the final norm; NaN for the text run."""
        values = self.values(metric)
        return math.nan if values is None else values.aps()


@dataclass(frozen=True)
class Injected:
    """The other question that `other-transcript` wrote in.

    Attributes:
        transcript: its words.
        answer: of the model, when it is typed.
    """

    transcript: str
    answer: str


@dataclass(frozen=True)
class InterventionResult:
    """All runs of one pair.

    Attributes:
        provenance: model, precision, versions, layer convention.
        name: of the clip.
        transcript: as it was given to the model.
        samples: (n,) mono, 16 kHz.
        text_tokens: Tt tokens of the transcript.
        speech_spans_s: (Ts, 2) start and end of each speech token in seconds.
        expected: how answers are judged.
        target: the answer whose log-probability is followed: the right one (of mcq the option's text, of several
            right ones the first), else the answer to the text.
        outcomes: text, speech, then one for each condition.
        notes: sentences for the user.
        injected: the other question; None where no run had one.
    """

    provenance: Provenance
    name: str
    transcript: str
    samples: NDArray[np.float32]
    text_tokens: tuple[TextToken, ...]
    speech_spans_s: NDArray[np.float64]
    expected: Expected
    target: str
    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...] = field(default=())
    injected: Injected | None = None

    @property
    def reference(self) -> str:
        """The right answer; empty where it is not known."""
        return self.expected.reference

    def score(self, outcome: Outcome) -> Score:
        """What the task's primary scorer gives for a run's answer."""
        return self.expected.score(self.transcript, outcome.answer)

    def answers_injected(self, outcome: Outcome) -> bool | None:
        """Whether speech, unedited or edited so, gets the answer to the other question; None where that tells nothing.

        It tells nothing where no other question was written in, or where the model answers both alike.
        """
        if self.injected is None or same_words(self.injected.answer, self.text.answer) or not self.injected.answer:
            return None
        edited = outcome.condition is not None and outcome.condition.method == Method.OTHER_TRANSCRIPT
        is_asked = edited or outcome.label == SPEECH
        return same_words(outcome.answer, self.injected.answer) if is_asked else None

    @property
    def text(self) -> Outcome:
        """The run on the transcript."""
        return self.outcomes[0]

    @property
    def speech(self) -> Outcome:
        """The run on the speech as it is."""
        return self.outcomes[1]

    @property
    def edited(self) -> tuple[Outcome, ...]:
        """The runs with an intervention."""
        return self.outcomes[2:]
