"""The result of one pair: everything the page shows, and nothing that has to be recomputed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modgap_core.figures import Subject, drawn
from modgap_core.metrics import (
    DEFAULT_PATH,
    NullBand,
    Similarity,
    entry_numbers,
    layer_labels,
    layers_0_to_l,
    null_band,
)
from modgap_core.provenance import Provenance
from modgap_core.results.comparing import ByContent
from modgap_core.results.measured import Array, Measured
from modgap_core.results.similarity_values import SimilarityValues
from modgap_core.scoring.expected import Expected
from modgap_core.scoring.score import Score
from modgap_core.tokens import TextToken, WordTime

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Answers:
    """What the model said.

    Attributes:
        speech: to the clip.
        text: to the transcript.
        expected: how they are judged.
    """

    speech: str
    text: str
    expected: Expected = field(default_factory=Expected)

    @property
    def reference(self) -> str:
        """The right answer, where it is known."""
        return self.expected.reference


@dataclass(frozen=True, eq=False, repr=False)
class PairResult(ByContent):
    """Speech and transcript of one utterance, compared inside one model.

    Attributes:
        provenance: model, precision, versions, layer convention.
        name: of the clip.
        transcript: as it was given to the model.
        samples: (n,) mono, 16 kHz.
        answers: to speech and to text.
        text_tokens: Tt tokens with their characters in the transcript.
        speech_spans_s: (Ts, 2) start and end of each speech token in seconds.
        measured: every quantity by name.
        warnings: sentences for the user.
        word_times: when each word is said; empty where it is not known.
    """

    provenance: Provenance
    name: str
    transcript: str
    samples: Array
    answers: Answers
    text_tokens: tuple[TextToken, ...]
    speech_spans_s: NDArray[np.float64]
    measured: Measured
    warnings: tuple[str, ...] = field(default=())
    word_times: tuple[WordTime, ...] = field(default=())

    @property
    def similarities(self) -> tuple[str, ...]:
        """Names of the similarity functions that were measured."""
        return self.measured.similarities

    def values(self, similarity: str | Similarity, path: str = DEFAULT_PATH) -> SimilarityValues:
        """The quantities of one similarity function and path.

        Raises:
            ModGapError: there is no such function or path, or it was not measured.
        """
        return self.measured.values(similarity, path)

    @property
    def cosine(self) -> SimilarityValues:
        """Quantities of f_cos."""
        return self.values("cosine")

    @property
    def euclidean(self) -> SimilarityValues:
        """Quantities of f_d."""
        return self.values("euclidean")

    @property
    def consistency(self) -> Array:
        """(N,) share of text tokens for which the cosine path and the distance path agree (section 5.1)."""
        return self.measured.layer_values("path_consistency").values

    def score(self, answer: str) -> Score:
        """What the task's primary scorer gives for an answer."""
        return self.answers.expected.score(self.transcript, answer)

    @property
    def n_layers(self) -> int:
        """L, the model's blocks."""
        return self.provenance.n_layers

    @property
    def layer_labels(self) -> tuple[str, ...]:
        """Names of the N = L + 2 entries."""
        return layer_labels(self.n_layers)

    def entries(self, after_norm: bool = False) -> list[int]:
        """Indices of the entries that make layers 0..L, with L before or after the final norm."""
        return entry_numbers(self.n_layers, after_norm)

    def similarity_score(self, similarity: str | Similarity, after_norm: bool = False) -> float:
        """Mean of the layer curve over layers 1..L (section 4)."""
        return self.values(similarity).similarity_score(after_norm)

    def aps(self, similarity: str | Similarity, after_norm: bool = False, path: str = DEFAULT_PATH) -> float:
        """Alignment Path Score: mean of the APS terms over layers 1..L (section 5.2)."""
        return self.values(similarity, path).aps(after_norm)

    def mean_monotonicity(self, similarity: str | Similarity, after_norm: bool = False) -> float:
        """Mean of the defined monotonicities over layers 0..L; NaN if none is defined."""
        return self.values(similarity).mean_monotonicity(after_norm)

    def mean_path_consistency(self, after_norm: bool = False) -> float:
        """Mean of the defined path consistencies over layers 0..L; NaN if none is defined."""
        return self.measured.layer_values("path_consistency").over_layers(after_norm)

    def null_aps(self, similarity: str | Similarity, after_norm: bool = False) -> Array:
        """(M,) the APS of the mismatched pairs."""
        return self.values(similarity).null_aps(after_norm)

    def null_curve_band(self, similarity: str | Similarity, after_norm: bool = False) -> NullBand:
        """5 to 95 percent of the layer curves of mismatched pairs."""
        return null_band(layers_0_to_l(self.values(similarity).null_curve, after_norm))

    def aps_z_score(self, similarity: str | Similarity, after_norm: bool = False) -> float | None:
        """How many standard deviations of the null the APS lies above its mean; None where that is undefined."""
        return self.values(similarity).aps_z_score(after_norm)

    # -- in a notebook ----------------------------------------------------------------------------

    def table(self, name: str = "summary") -> pd.DataFrame:
        """A table of the result.

        Args:
            name: summary, quantities (long: every number by name), layers, paths or answers.

        Raises:
            ModGapError: there is no such table.
        """
        from modgap_core.results.tables import table_of_pair

        return table_of_pair(self, name)

    def plot(self, name: str = "layer_curves", **options: Any) -> go.Figure:
        """A figure of the result, the same that app and report draw; needs plotly.

        Args:
            name: as ``modgap list figures`` has it, of a pair.
            options: of the figure.

        Raises:
            ModGapError: there is no such figure.
        """
        return drawn(Subject.PAIR, self, name, **options)

    def __repr__(self) -> str:
        scores = ", ".join(f"{v.column} {v.over_layers():.3f}" for v in self.measured.layers.values())
        return (
            f"<PairResult {self.name!r} on {self.provenance.model}: speech {self.answers.speech!r}, text "
            f"{self.answers.text!r}; {scores}>"
        )

    def _repr_html_(self) -> str:
        from modgap_core.results.notebook import pair_html

        return pair_html(self)
