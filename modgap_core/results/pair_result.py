"""The result of one pair: everything the page shows, and nothing that has to be recomputed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from modgap_core.metrics.metric import Metric
from modgap_core.metrics.null_reference import NullBand, null_band, z_score
from modgap_core.models.encoded import TextToken
from modgap_core.results.provenance import Provenance

Array = NDArray[np.float32]


@dataclass(frozen=True)
class MetricValues:
    """All quantities of one similarity function f (cosine or Euclidean) for one pair.

    N = L + 2 entries along the first axis: layers 0..L, then layer L after the final norm.
    NaN means undefined, -1 in a path means that the text token has no partner.

    Attributes:
        curve: (N,) f of the mean-pooled states, the layer curve (paper, section 4).
        matrix: (N, Ts, Tt) A_l[i, j] (section 5.1).
        path: (N, Tt) i*_j, the alignment path (section 5.1).
        monotonicity: (N,) Spearman rank correlation of j and i*_j.
        aps_terms: (N,) mean of A over the path, the terms of the APS (section 5.2).
        null_curve: (M, N) the curve for M mismatched pairs.
        null_aps_terms: (M, N) the APS terms for the same mismatched pairs.
        null_monotonicity: (K, N) monotonicity of the path under K random orders of its text tokens.
    """

    curve: Array
    matrix: Array
    path: NDArray[np.int64]
    monotonicity: Array
    aps_terms: Array
    null_curve: Array
    null_aps_terms: Array
    null_monotonicity: Array


@dataclass(frozen=True)
class Answers:
    """What the model said.

    Attributes:
        speech: to the clip.
        text: to the transcript.
        reference: the right answer, where it is known.
    """

    speech: str
    text: str
    reference: str = ""


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

    def values(self, metric: Metric) -> MetricValues:
        """The quantities of one similarity function."""
        return self.cosine if metric == Metric.COSINE else self.euclidean

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
        return [*range(self.n_layers), self.n_layers + int(after_norm)]

    def similarity_score(self, metric: Metric, after_norm: bool = False) -> float:
        """Mean of the layer curve over layers 1..L (section 4)."""
        return float(np.mean(self.values(metric).curve[self.entries(after_norm)[1:]]))

    def aps(self, metric: Metric, after_norm: bool = False) -> float:
        """Alignment Path Score: mean of the APS terms over layers 1..L (section 5.2)."""
        return float(np.mean(self.values(metric).aps_terms[self.entries(after_norm)[1:]]))

    def mean_monotonicity(self, metric: Metric, after_norm: bool = False) -> float:
        """Mean of the defined monotonicities over layers 0..L; NaN if none is defined."""
        chosen = self.values(metric).monotonicity[self.entries(after_norm)]
        defined = chosen[~np.isnan(chosen)]
        return float(defined.mean()) if defined.size else float("nan")

    def null_aps(self, metric: Metric, after_norm: bool = False) -> Array:
        """(M,) the APS of the mismatched pairs."""
        terms = self.values(metric).null_aps_terms[:, self.entries(after_norm)[1:]]
        return np.asarray(terms.mean(axis=1), dtype=np.float32)

    def null_curve_band(self, metric: Metric, after_norm: bool = False) -> NullBand:
        """5 to 95 percent of the layer curves of mismatched pairs."""
        return null_band(self.values(metric).null_curve[:, self.entries(after_norm)])

    def aps_z_score(self, metric: Metric, after_norm: bool = False) -> float | None:
        """How many standard deviations of the null the APS lies above its mean."""
        return z_score(self.aps(metric, after_norm), self.null_aps(metric, after_norm))
