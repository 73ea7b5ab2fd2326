"""`analyze_pair`: one clip, its transcript and a model, to a `PairResult`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from modgap_core.analysis.layer_measures import LayerMeasures, measure_against
from modgap_core.audio.clip import Clip
from modgap_core.audio.load import clip_of_samples, load_audio
from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.metrics import Metric, alignment_path, aps_terms, monotonicity, path_consistency, shuffled_monotonicity
from modgap_core.models.encoded import Encoded, TextToken
from modgap_core.models.speech_lm import SpeechLM, Wave
from modgap_core.results.layer_quantities import Array
from modgap_core.results.pair_result import Answers, MetricValues, PairResult
from modgap_core.results.provenance import provenance_of
from modgap_core.scoring.expected import Expected, as_expected
from modgap_core.states.null_bank import NullBank, build_null_bank, shipped_utterances
from modgap_core.states.span_states import keep_span, span_slice
from modgap_core.transcript import check_transcript, fit_warning

N_SHUFFLES = 200
_SHUFFLE_SEED = 0
Report = Callable[[float, str], None]
"""``report(share done 0..1, what is being done)``."""


def silent(_share: float, _what: str) -> None:
    """Report nothing."""


def analyze_pair(
    model: SpeechLM,
    speech: Clip | Wave | str | Path,
    transcript: str,
    *,
    reference: Expected | str = "",
    null: bool = True,
    max_new_tokens: int = 64,
    report: Report = silent,
) -> PairResult:
    """Compare what a model makes of a clip and of its transcript.

    Args:
        model: from `load_model`.
        speech: a clip, samples (mono, 16 kHz), or a sound file.
        transcript: what is said in it.
        reference: the right answer of an open question, or how answers are judged; kept with the result.
        null: also compare with 20 other utterances, both ways.
        max_new_tokens: bound on each answer's length.
        report: told about progress.

    Returns:
        All quantities of the paper's sections 4 and 5, both answers, and the null references.

    Raises:
        AudioError: the sound cannot be read or is too long for the model.
        TranscriptError: the transcript is empty, too long, or holds control tokens.
    """
    clip = as_clip(speech)
    transcript = check_transcript(transcript)
    report(0.0, "Reading the transcript and the clip")
    text_inputs, speech_inputs = model.encode_text([transcript]), model.encode_speech([clip.samples])
    bank = _bank_for(model, transcript, report) if null and model.adapter.hears_any else None
    report(0.5, "The model reads the transcript")
    text_answers, text_states = model.generate_with_states(
        text_inputs, keep_span(span_slice(text_inputs)), max_new_tokens=max_new_tokens
    )
    report(0.7, "The model hears the clip")
    reduce = measure_against(text_states, span_slice(speech_inputs), bank)
    speech_answers, measures = model.generate_with_states(speech_inputs, reduce, max_new_tokens=max_new_tokens)
    report(0.9, "Computing alignment and score")
    answers = Answers(speech_answers[0], text_answers[0], as_expected(reference))
    result = build_result(model, clip, transcript, answers, text_inputs.tokens[0], measures, speech_inputs.ms_per_token)
    report(1.0, "Done")
    return result


def as_clip(speech: Clip | Wave | str | Path) -> Clip:
    """Samples or a file as a `Clip`."""
    if isinstance(speech, Clip):
        return speech
    if isinstance(speech, np.ndarray):
        return clip_of_samples(speech)
    return load_audio(speech)


def measure_pair(model: SpeechLM, speech: Encoded, text: Encoded, bank: NullBank | None) -> list[LayerMeasures]:
    """Both prefills and all per-layer quantities, without answers; what the benchmark times.

    Args:
        model: runs twice.
        speech: a batch of one, from `SpeechLM.encode_speech`.
        text: a batch of one, from `SpeechLM.encode_text`.
        bank: other utterances, or None.
    """
    text_states = model.states(text, keep_span(span_slice(text)))
    return model.states(speech, measure_against(text_states, span_slice(speech), bank))


def _bank_for(model: SpeechLM, transcript: str, report: Report) -> NullBank:
    with model.lock:
        if model.null_bank is None:
            report(0.1, "Running 22 other utterances for the null reference (once per model)")
            model.null_bank = build_null_bank(model, shipped_utterances())
    return model.null_bank.excluding(transcript)


def build_result(
    model: SpeechLM,
    clip: Clip,
    transcript: str,
    answers: Answers,
    tokens: tuple[TextToken, ...],
    measures: list[LayerMeasures],
    ms_per_token: float,
) -> PairResult:
    """Finish what the layers' measures began: paths, monotonicity, consistency, APS terms."""
    cosine, euclidean = (finish_metric(metric, measures) for metric in Metric)
    paths = (torch.from_numpy(cosine.path), torch.from_numpy(euclidean.path))
    return PairResult(
        provenance=provenance_of(model),
        name=clip.name,
        transcript=transcript,
        samples=clip.samples,
        answers=answers,
        text_tokens=tokens,
        speech_spans_s=speech_spans_s(cosine.matrix.shape[1], ms_per_token, clip.duration_s),
        cosine=cosine,
        euclidean=euclidean,
        consistency=_numpy(path_consistency(*paths)),
        warnings=_warnings(model, clip, transcript),
    )


def finish_metric(metric: Metric, measures: list[LayerMeasures], n_shuffles: int = N_SHUFFLES) -> MetricValues:
    """The quantities that need only the matrices, all layers at once."""
    own = [layer[metric].cpu() for layer in measures]
    matrix = torch.stack([m.matrix for m in own])
    path = alignment_path(matrix, metric)
    return MetricValues(
        curve=_numpy(torch.stack([m.curve for m in own])),
        matrix=_numpy(matrix),
        path=path.numpy(),
        monotonicity=_numpy(monotonicity(path)),
        aps_terms=_numpy(aps_terms(matrix, path)),
        null_curve=_numpy(torch.stack([m.null_curve for m in own], dim=-1)),
        null_aps_terms=_numpy(torch.stack([m.null_aps_terms for m in own], dim=-1)),
        null_monotonicity=_numpy(shuffled_monotonicity(path, n_shuffles, _SHUFFLE_SEED)),
    )


def speech_spans_s(n_tokens: int, ms_per_token: float, duration_s: float) -> np.ndarray:
    """(Ts, 2) start and end of each speech token in seconds; the last may end with the clip.

    >>> speech_spans_s(2, 100.0, 0.15).tolist()
    [[0.0, 0.1], [0.1, 0.15]]
    """
    starts = np.arange(n_tokens) * ms_per_token / 1000
    ends = np.minimum(starts + ms_per_token / 1000, np.maximum(duration_s, starts))
    return np.stack([starts, ends], axis=1).round(6)


def _warnings(model: SpeechLM, clip: Clip, transcript: str) -> tuple[str, ...]:
    misfit = fit_warning(transcript, len(clip.samples) / SAMPLE_RATE_HZ)
    return (*clip.notes, *([misfit] if misfit else []), *model.adapter.result_notes)


def _numpy(values: torch.Tensor) -> Array:
    return values.detach().float().cpu().numpy()
