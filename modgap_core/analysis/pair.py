"""`analyze_pair`: one clip, its transcript and a model, to a `PairResult`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from modgap_core.analysis.finish import finished_pair
from modgap_core.analysis.layer_measures import LayerMeasures, keep_rows, measure_against
from modgap_core.analysis.pair_quantities import first_logprobs, with_pair_quantities
from modgap_core.audio.clip import Clip
from modgap_core.audio.load import as_clip
from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.metrics import Measures, Need
from modgap_core.models.encoded import Encoded
from modgap_core.models.provenance import provenance_of
from modgap_core.models.speech_lm import SpeechLM, Wave
from modgap_core.results.pair_result import Answers, PairResult
from modgap_core.results.pair_view import PairView
from modgap_core.scoring.expected import Expected, as_expected
from modgap_core.states.null_bank import NullBank, shipped_bank
from modgap_core.tokens import WordTime
from modgap_core.transcript import check_transcript, fit_warning

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
    null: bool | NullBank = True,
    measures: Measures | None = None,
    word_times: Sequence[WordTime] = (),
    max_new_tokens: int = 64,
    report: Report = silent,
) -> PairResult:
    """Compare what a model makes of a clip and of its transcript.

    Args:
        model: from `load_model`.
        speech: a clip, samples (mono, 16 kHz), or a sound file.
        transcript: what is said in it.
        reference: the right answer of an open question, or how answers are judged; kept with the result.
        null: also compare with 20 other utterances, both ways; those that ship, or a null reference of your own.
        measures: similarity functions, paths and quantities; by default what is cheap.
        word_times: when each word is said, for quantities that need it; kept with the result.
        max_new_tokens: bound on each answer's length.
        report: told about progress.

    Returns:
        All quantities of the paper's sections 4 and 5, both answers, and the null references.

    Raises:
        AudioError: the sound cannot be read or is too long for the model.
        TranscriptError: the transcript is empty, too long, or holds control tokens.
        ModGapError: a quantity needs word times, and none were given.
    """
    clip, measures = as_clip(speech), measures or Measures()
    transcript = check_transcript(transcript)
    report(0.0, "Reading the transcript and the clip")
    text_inputs, speech_inputs = model.encode_text([transcript]), model.encode_speech([clip.samples])
    bank = _bank_for(model, transcript, null, report)
    report(0.5, "The model reads the transcript")
    text_answers, text_rows = model.generate_with_states(
        text_inputs, keep_rows(text_inputs.span_slices()), max_new_tokens=max_new_tokens
    )
    report(0.7, "The model hears the clip")
    reduce = measure_against(text_rows, speech_inputs.span_slices(), measures, bank)
    speech_answers, layers = model.generate_with_states(speech_inputs, reduce, max_new_tokens=max_new_tokens)
    report(0.9, "Computing alignment and score")
    measured, expected = finished_pair(layers, measures), as_expected(reference)
    n_speech = next(iter(measured.matrices.values())).shape[1]
    spans_s = speech_spans_s(n_speech, speech_inputs.ms_per_token, clip.duration_s)
    logprobs = [first_logprobs(model, each)[0] for each in (speech_inputs, text_inputs) if measures.needs(Need.LOGITS)]
    view = PairView(
        measured,
        transcript,
        speech_answers[0],
        text_answers[0],
        expected,
        text_inputs.tokens[0],
        spans_s,
        tuple(word_times),
        *logprobs,
    )
    result = PairResult(
        provenance=provenance_of(model),
        name=clip.name,
        transcript=transcript,
        samples=clip.samples,
        answers=Answers(speech_answers[0], text_answers[0], expected),
        text_tokens=text_inputs.tokens[0],
        speech_spans_s=spans_s,
        measured=with_pair_quantities(view, measures),
        warnings=_warnings(model, clip, transcript),
        word_times=tuple(word_times),
    )
    report(1.0, "Done")
    return result


def measure_pair(
    model: SpeechLM, speech: Encoded, text: Encoded, bank: NullBank | None, measures: Measures | None = None
) -> list[LayerMeasures]:
    """Both prefills and all per-layer quantities, without answers; what the benchmark times.

    Args:
        model: runs twice.
        speech: a batch of one, from `SpeechLM.encode_speech`.
        text: a batch of one, from `SpeechLM.encode_text`.
        bank: other utterances, or None.
        measures: what is chosen; by default what is cheap.
    """
    text_rows = model.states(text, keep_rows(text.span_slices()))
    return model.states(speech, measure_against(text_rows, speech.span_slices(), measures or Measures(), bank))


def _bank_for(model: SpeechLM, transcript: str, null: bool | NullBank, report: Report) -> NullBank | None:
    if isinstance(null, NullBank):
        return null.excluding(transcript)
    if not null or not model.adapter.hears_any:
        return None
    what = "Running 22 other utterances for the null reference (once per model)"
    return shipped_bank(model, lambda: report(0.1, what)).excluding(transcript)


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
