"""What the alignment explorer needs, taken from a result; pure, no streamlit."""

from __future__ import annotations

from dashboard.explorer.payload import ExplorerInput, Side
from modgap_core.audio.clip import Clip
from modgap_core.audio.envelope import waveform_envelope
from modgap_core.audio.spectrogram import log_mel_spectrogram
from modgap_core.plots.style import title_of
from modgap_core.results.pair_result import PairResult

_ENVELOPE_COLUMNS = 1200


def explorer_input(result: PairResult) -> ExplorerInput:
    """The clip for eye and ear, and all layers' matrices and paths."""
    clip = Clip(result.samples, result.name)
    mel = log_mel_spectrogram(result.samples)
    return ExplorerInput(
        wav_bytes=clip.wav_bytes(),
        duration_s=clip.duration_s,
        envelope=waveform_envelope(result.samples, min(_ENVELOPE_COLUMNS, len(result.samples))),
        mel_db=mel.values_db,
        mel_hop_s=mel.hop_s,
        mel_hz=mel.frequencies_hz,
        speech_spans_s=result.speech_spans_s,
        text_tokens=tuple(token.text for token in result.text_tokens),
        layer_labels=result.layer_labels,
        sides={name: _side(result, name) for name in result.similarities},
    )


def _side(result: PairResult, name: str) -> Side:
    paths = {path: result.values(name, path).path for path in result.measured.path_names}
    higher = result.measured.higher_is_better(name)
    return Side(title_of(name), higher, result.values(name).matrix, paths)
