"""All quantities of one layer, computed while the layer is there (reduction on the fly)."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from modgap_core.metrics import (
    Metric,
    cosine_similarity_of_means,
    euclidean_distance_of_means,
    mean_pooled,
    pairwise_cosine_similarity,
    pairwise_euclidean_distance,
)
from modgap_core.models.hooks import Reduce
from modgap_core.states.null_bank import NullBank, best_scores

PAIRWISE = {Metric.COSINE: pairwise_cosine_similarity, Metric.EUCLIDEAN: pairwise_euclidean_distance}
"""f of all pairs of states."""
OF_MEANS = {Metric.COSINE: cosine_similarity_of_means, Metric.EUCLIDEAN: euclidean_distance_of_means}
"""f of mean-pooled states."""


@dataclass(frozen=True)
class MetricMeasures:
    """One layer under one similarity function.

    Attributes:
        curve: () of the mean-pooled states.
        matrix: (Ts, Tt) A_l.
        null_curve: (M,) curve of M mismatched pairs: this speech with other transcripts, then this
            transcript with other speech.
        null_aps_terms: (M,) APS terms of the same pairs.
    """

    curve: torch.Tensor
    matrix: torch.Tensor
    null_curve: torch.Tensor
    null_aps_terms: torch.Tensor

    def cpu(self) -> MetricMeasures:
        """The same on the CPU; a model's layers may lie on several devices."""
        return MetricMeasures(self.curve.cpu(), self.matrix.cpu(), self.null_curve.cpu(), self.null_aps_terms.cpu())


LayerMeasures = dict[Metric, MetricMeasures]


def measure_layer(
    speech: torch.Tensor, text: torch.Tensor, bank: NullBank | None = None, entry: int = 0
) -> LayerMeasures:
    """Both similarity functions on one layer.

    Args:
        speech: (Ts, d) states of the speech span; without a bank also (B, Ts, d), and the curve is (B,),
            the matrix (B, Ts, Tt).
        text: (Tt, d) states of the transcript span.
        bank: other utterances, or None for no null reference.
        entry: index of this layer in the bank.
    """
    speech, text = speech.float(), text.float()
    return {metric: _measure(metric, speech, text, bank, entry) for metric in Metric}


def row_of(measures: LayerMeasures, row: int) -> LayerMeasures:
    """One row of a batch that was measured without a bank."""
    return {
        metric: MetricMeasures(m.curve[row], m.matrix[row], m.null_curve, m.null_aps_terms)
        for metric, m in measures.items()
    }


def _measure(
    metric: Metric, speech: torch.Tensor, text: torch.Tensor, bank: NullBank | None, entry: int
) -> MetricMeasures:
    speech_mean, text_mean = mean_pooled(speech), mean_pooled(text)
    curve, matrix = OF_MEANS[metric](speech_mean, text_mean), PAIRWISE[metric](speech, text)
    if bank is None:
        nothing = speech.new_empty(0)
        return MetricMeasures(curve, matrix, nothing, nothing)
    others_text, others_speech = bank.text, bank.speech
    null_curve = torch.cat(
        [
            OF_MEANS[metric](speech_mean, others_text.means[entry]),
            OF_MEANS[metric](others_speech.means[entry], text_mean),
        ]
    )
    ones_speech, ones_text = speech.new_ones(1, len(speech)).bool(), text.new_ones(1, len(text)).bool()
    against_text = PAIRWISE[metric](speech, others_text.states[entry].float())
    against_speech = PAIRWISE[metric](others_speech.states[entry].float(), text)
    null_terms = torch.cat(
        [
            best_scores(against_text, ones_speech, others_text.is_token, metric),
            best_scores(against_speech, others_speech.is_token, ones_text, metric),
        ]
    )
    return MetricMeasures(curve, matrix, null_curve, null_terms)


def measure_against(text_states: list[torch.Tensor], where: slice, bank: NullBank | None) -> Reduce:
    """A reduction for the speech run: each layer's speech span is measured against the stored text span.

    Args:
        text_states: (Tt, d) for each of the N entries, from the text run.
        where: the speech span.
        bank: other utterances, or None.
    """
    entries = iter(range(len(text_states)))

    def reduce(_layer: int, states: torch.Tensor, _span: torch.Tensor) -> LayerMeasures:
        entry = next(entries)
        return measure_layer(states[0, where], text_states[entry], bank, entry)

    return reduce
