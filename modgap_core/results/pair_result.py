"""The result of one pair: everything the page shows, and nothing that has to be recomputed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from modgap_core.metrics import (
    Metric,
    NullBand,
    entry_numbers,
    layers_0_to_l,
    mean_monotonicity,
    mean_path_consistency,
    null_band,
)
from modgap_core.models.encoded import TextToken
from modgap_core.results.layer_quantities import Array, LayerQuantities
from modgap_core.results.provenance import Provenance
from modgap_core.scoring.expected import Expected
from modgap_core.scoring.score import Score


@dataclass(frozen=True)
class MetricValues(LayerQuantities):
    """All quantities of one similarity function f (cosine or Euclidean) for one pair.

    Attributes:
        matrix: (N, Ts, Tt) A_l[i, j] (section 5.1).
        null_monotonicity: (K, N) monotonicity of the path under K random orders of its text tokens.
    """

    matrix: Array
    null_monotonicity: Array

    def null_mean_monotonicity(self, after_norm: bool = False) -> Array:
        """(K,) the mean monotonicity of the shuffled paths."""
        return mean_monotonicity(layers_0_to_l(self.null_monotonicity, after_norm))


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


@dataclass(frozen=True)
class PairResult:
    """Speech and transcript of one utterance, compared inside one model.

    Attributes:
        provenance: model, precision, versions, layer convention.
        name: of the clip.
        transcript: as it was given to the model.
        samples: (n,) mono, 16 kHz.
        answers: to speech and to text.
        text_tokens: Tt tokens with their characters in the transcript.
        speech_spans_s: (Ts, 2) start and end of each speech token in seconds.
        cosine: quantities of f_cos.
        euclidean: quantities of f_d.
        consistency: (N,) share of text tokens for which both paths agree.
        warnings: sentences for the user.
    """

    provenance: Provenance
    name: str
    transcript: str
    samples: Array
    answers: Answers
    text_tokens: tuple[TextToken, ...]
    speech_spans_s: NDArray[np.float64]
    cosine: MetricValues
    euclidean: MetricValues
    consistency: Array
    warnings: tuple[str, ...] = field(default=())

    def values(self, metric: Metric | str) -> MetricValues:
        """The quantities of one similarity function.

        Raises:
            ModGapError: there is no such function.
        """
        return {Metric.COSINE: self.cosine, Metric.EUCLIDEAN: self.euclidean}[Metric(metric)]

    def score(self, answer: str) -> Score:
        """What the task's primary scorer gives for an answer."""
        return self.answers.expected.score(self.transcript, answer)

    @property
    def n_layers(self) -> int:
        """L."""
        return self.provenance.n_layers

    @property
    def layer_labels(self) -> tuple[str, ...]:
        """Names of the N = L + 2 entries."""
        last = self.n_layers
        middle = [str(layer) for layer in range(1, last)]
        return ("0 (LLM input)", *middle, f"{last} (before final norm)", f"{last} (after final norm)")

    def entries(self, after_norm: bool = False) -> list[int]:
        """Indices of the entries that make layers 0..L, with L before or after the final norm."""
        return entry_numbers(self.n_layers, after_norm)

    def similarity_score(self, metric: Metric | str, after_norm: bool = False) -> float:
        """Mean of the layer curve over layers 1..L (section 4)."""
        return self.values(metric).similarity_score(after_norm)

    def aps(self, metric: Metric | str, after_norm: bool = False) -> float:
        """Alignment Path Score: mean of the APS terms over layers 1..L (section 5.2)."""
        return self.values(metric).aps(after_norm)

    def mean_monotonicity(self, metric: Metric | str, after_norm: bool = False) -> float:
        """Mean of the defined monotonicities over layers 0..L; NaN if none is defined."""
        return self.values(metric).mean_monotonicity(after_norm)

    def mean_path_consistency(self, after_norm: bool = False) -> float:
        """Mean of the defined path consistencies over layers 0..L; NaN if none is defined."""
        return float(mean_path_consistency(layers_0_to_l(self.consistency, after_norm)))

    def null_aps(self, metric: Metric | str, after_norm: bool = False) -> Array:
        """(M,) the APS of the mismatched pairs."""
        return self.values(metric).null_aps(after_norm)

    def null_curve_band(self, metric: Metric | str, after_norm: bool = False) -> NullBand:
        """5 to 95 percent of the layer curves of mismatched pairs."""
        return null_band(layers_0_to_l(self.values(metric).null_curve, after_norm))

    def aps_z_score(self, metric: Metric | str, after_norm: bool = False) -> float | None:
        """How many standard deviations of the null the APS lies above its mean; None where that is undefined."""
        return self.values(metric).aps_z_score(after_norm)
