"""Pairs in a batch: the same quantities as `analyze_pair`, all rows at once and without the matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn.utils.rnn import pad_sequence

from modgap_core.analysis.layer_measures import OF_MEANS, PAIRWISE
from modgap_core.metrics import Metric, alignment_path, aps_terms, mean_pooled, monotonicity, path_consistency
from modgap_core.models.encoded import Encoded
from modgap_core.models.hooks import Reduce
from modgap_core.states.null_bank import NullBank, best_scores
from modgap_core.states.span_states import span_slice


@dataclass(frozen=True)
class BatchMeasures:
    """One similarity function over a batch of B pairs, N = L + 2 entries (layers 0..L, then after the norm).

    Attributes:
        curve: (B, N) f of the mean-pooled states (paper, section 4).
        path: (B, N, Tt) alignment path; -1 is no partner, and padding.
        monotonicity: (B, N).
        aps_terms: (B, N).
        null_curve: (B, N, 2M) the curve of mismatched pairs: this speech with M other transcripts, then this
            transcript with M other clips; NaN where the other one says the same.
        null_aps_terms: (B, N, 2M) likewise.
    """

    curve: torch.Tensor
    path: torch.Tensor
    monotonicity: torch.Tensor
    aps_terms: torch.Tensor
    null_curve: torch.Tensor
    null_aps_terms: torch.Tensor


@dataclass(frozen=True)
class Rows:
    """Span states of a batch, padded.

    Attributes:
        states: (B, T, d) float32; padding is 0.
        is_token: bool (B, T).
    """

    states: torch.Tensor
    is_token: torch.Tensor

    @classmethod
    def of(cls, states: torch.Tensor, spans: Sequence[slice]) -> Rows:
        """Cut (B, T, d) states of a prompt down to each row's span."""
        cut = [row[span].float() for row, span in zip(states, spans, strict=True)]
        lengths = torch.tensor([len(row) for row in cut], device=states.device)
        padded = pad_sequence(cut, batch_first=True)
        return cls(padded, torch.arange(padded.shape[1], device=states.device) < lengths[:, None])

    @property
    def means(self) -> torch.Tensor:
        """(B, d) over each row's tokens."""
        return mean_pooled(self.states, self.is_token)


def spans_of(encoded: Encoded) -> list[slice]:
    """Each row's span."""
    return [span_slice(encoded, row) for row in range(len(encoded.span))]


def keep_rows(spans: Sequence[slice]) -> Reduce:
    """A reduction that keeps each row's span states."""

    def reduce(_layer: int, states: torch.Tensor, _span: torch.Tensor) -> Rows:
        return Rows.of(states, spans)

    return reduce


LayerOfBatch = dict[Metric, tuple[torch.Tensor, ...]]


def measure_rows(text: Sequence[Rows], spans: Sequence[slice], bank: NullBank | None) -> Reduce:
    """A reduction for the speech run: each layer of all rows against the stored text rows.

    Args:
        text: for each of the N entries, from the text run.
        spans: of the speech.
        bank: other utterances, or None.
    """
    entries = iter(range(len(text)))

    def reduce(_layer: int, states: torch.Tensor, _span: torch.Tensor) -> LayerOfBatch:
        entry, speech = next(entries), Rows.of(states, spans)
        return {metric: _measure(metric, speech, text[entry], bank, entry) for metric in Metric}

    return reduce


def _measure(metric: Metric, speech: Rows, text: Rows, bank: NullBank | None, entry: int) -> tuple[torch.Tensor, ...]:
    curve = OF_MEANS[metric](speech.means, text.means)
    both = speech.is_token.unsqueeze(-1) & text.is_token.unsqueeze(-2)
    matrix = PAIRWISE[metric](speech.states, text.states).masked_fill(~both, float("nan"))
    path = alignment_path(matrix, metric)
    nothing = curve.new_empty(len(curve), 0)
    null_curve, null_terms = (nothing, nothing) if bank is None else _null(metric, speech, text, bank, entry)
    measured = curve, path, monotonicity(path), aps_terms(matrix, path), null_curve, null_terms
    return tuple(part.cpu() for part in measured)


def _null(metric: Metric, speech: Rows, text: Rows, bank: NullBank, entry: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(B, 2M) curve and APS term of this speech with M other transcripts, then of this transcript with M others."""
    curve = torch.cat(
        [
            OF_MEANS[metric](speech.means.unsqueeze(1), bank.text.means[entry]),
            OF_MEANS[metric](bank.speech.means[entry], text.means.unsqueeze(1)),
        ],
        dim=1,
    )
    others_text, others_speech = bank.text, bank.speech
    against_text = _crossed(metric, speech.states, others_text.states[entry])
    against_speech = _crossed(metric, others_speech.states[entry], text.states).transpose(0, 1)
    terms = torch.cat(
        [
            best_scores(against_text, speech.is_token.unsqueeze(1), others_text.is_token, metric),
            best_scores(against_speech, others_speech.is_token, text.is_token.unsqueeze(1), metric),
        ],
        dim=1,
    )
    return curve, terms


def _crossed(metric: Metric, speech: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    """(B, Ts, d) with (M, Tt, d): every one with every one, (B, M, Ts, Tt)."""
    (b, ts, width), (m, tt, _) = speech.shape, text.shape
    flat = PAIRWISE[metric](speech.reshape(b * ts, width), text.reshape(m * tt, width))
    return flat.view(b, ts, m, tt).transpose(1, 2)


def finished(layers: Sequence[LayerOfBatch]) -> tuple[dict[Metric, BatchMeasures], torch.Tensor]:
    """The layers put together, and the path consistency (B, N)."""
    measures = {
        metric: BatchMeasures(*(torch.stack(parts, dim=1) for parts in zip(*(x[metric] for x in layers), strict=True)))
        for metric in Metric
    }
    return measures, path_consistency(measures[Metric.COSINE].path, measures[Metric.EUCLIDEAN].path)
