"""Log-mel spectrogram for the eye; models compute their own features."""

from __future__ import annotations

from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import NDArray

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ

_N_FFT = 400
_TOP_DB = 80.0


@dataclass(frozen=True)
class LogMel:
    """A log-mel spectrogram.

    Attributes:
        values_db: (n_mels, n_frames) dB below the loudest cell, from -80 to 0.
        hop_s: seconds from frame to frame; frame k is centred on k * hop_s.
        frequencies_hz: (n_mels,) centre of each band.
    """

    values_db: NDArray[np.float32]
    hop_s: float
    frequencies_hz: NDArray[np.float64]


def log_mel_spectrogram(samples: NDArray[np.float32], n_mels: int = 64, hop_s: float = 0.01) -> LogMel:
    """Mel power spectrogram in dB by librosa (25 ms windows).

    Args:
        samples: (n,) mono, 16 kHz.
        n_mels: bands.
        hop_s: seconds from frame to frame.
    """
    hop = round(hop_s * SAMPLE_RATE_HZ)
    power = librosa.feature.melspectrogram(y=samples, sr=SAMPLE_RATE_HZ, n_fft=_N_FFT, hop_length=hop, n_mels=n_mels)
    values_db = librosa.power_to_db(power, ref=np.max, top_db=_TOP_DB).astype(np.float32)
    bands_hz = librosa.mel_frequencies(n_mels=n_mels + 2, fmax=SAMPLE_RATE_HZ / 2)[1:-1]
    return LogMel(values_db, hop / SAMPLE_RATE_HZ, bands_hz)
