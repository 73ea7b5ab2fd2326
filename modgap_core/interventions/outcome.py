"""What came out of an intervention: geometry and answer, before and after."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modgap_core.figures import Subject, drawn
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.token_choice import TokenPair
from modgap_core.metrics import Similarity, as_similarity
from modgap_core.provenance import Provenance
from modgap_core.results.comparing import ByContent
from modgap_core.results.measured import Measured
from modgap_core.results.similarity_values import SimilarityValues
from modgap_core.same_words import same_words
from modgap_core.scoring.expected import Expected
from modgap_core.scoring.score import Score
from modgap_core.tokens import TextToken

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

TEXT, SPEECH = "text", "speech"


@dataclass(frozen=True)
class NextToken:
    """One entry of the distribution at the first answer position."""

    text: str
    probability: float


@dataclass(frozen=True, eq=False)
class Outcome(ByContent):
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
        measured: every quantity between this speech span and the text; None for the text run.
    """

    label: str
    condition: Condition | None
    answer: str
    pairs: tuple[TokenPair, ...]
    undefined: tuple[int, ...]
    target_logprob: float
    top_tokens: tuple[NextToken, ...]
    kl_from_speech: float
    measured: Measured | None

    def values(self, similarity: str | Similarity) -> SimilarityValues | None:
        """The quantities of one similarity function; None for the text run.

        Raises:
            ModGapError: there is no such function, or it was not measured.
        """
        as_similarity(similarity)
        return None if self.measured is None else self.measured.values(similarity)

    @property
    def cosine(self) -> SimilarityValues | None:
        """Quantities of f_cos."""
        return self.values("cosine")

    @property
    def euclidean(self) -> SimilarityValues | None:
        """Quantities of f_d."""
        return self.values("euclidean")

    @property
    def consistency(self) -> NDArray[np.float32] | None:
        """(N,) path consistency; None for the text run."""
        return None if self.measured is None else self.measured.layer_values("path_consistency").values

    def aps(self, similarity: str | Similarity) -> float:
        """Alignment Path Score over layers 1..L, L before the final norm; NaN for the text run."""
        values = self.values(similarity)
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


@dataclass(frozen=True, eq=False, repr=False)
class InterventionResult(ByContent):
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
        edited = outcome.condition is not None and outcome.condition.edit.other_transcript
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

    @property
    def similarities(self) -> tuple[str, ...]:
        """Names of the similarity functions that were measured."""
        return self.speech.measured.similarities if self.speech.measured is not None else ()

    # -- in a notebook ----------------------------------------------------------------------------

    def table(self, name: str = "runs") -> pd.DataFrame:
        """A table of the result.

        Args:
            name: runs (one row a run) or layers (one row a run and layer).

        Raises:
            ModGapError: there is no such table.
        """
        from modgap_core.interventions.tables import table_of_intervention

        return table_of_intervention(self, name)

    def plot(self, name: str = "edited_curves", **options: Any) -> go.Figure:
        """A figure of the result, the same that app and report draw; needs plotly.

        Args:
            name: as ``modgap list figures`` has it, of an intervention.
            options: of the figure: ``edited`` is the number of the edited run, 0 by default.

        Raises:
            ModGapError: there is no such figure.
        """
        return drawn(Subject.INTERVENTION, self, name, **options)

    def __repr__(self) -> str:
        runs = ", ".join(f"{outcome.label} {outcome.answer!r}" for outcome in self.outcomes)
        return f"<InterventionResult {self.name!r} on {self.provenance.model}: {runs}>"

    def _repr_html_(self) -> str:
        from modgap_core.results.notebook import card

        return card(f"{self.name} on {self.provenance.model}", {"transcript": self.transcript}, self.table("runs"))
