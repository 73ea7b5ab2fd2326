"""A sound as everything here takes it: mono, 16 kHz, float32."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ


@dataclass(frozen=True)
class Clip:
    """A clip.

    Attributes:
        samples: (n,) mono, 16 kHz, in -1..1.
        name: shown to the user; never used as a path.
        notes: sentences about what was done to it on loading.
    """

    samples: NDArray[np.float32]
    name: str
    notes: tuple[str, ...] = field(default=())

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / SAMPLE_RATE_HZ

    @property
    def sha256(self) -> str:
        """Identity of the sound itself: a hash of its samples."""
        return hashlib.sha256(np.ascontiguousarray(self.samples).tobytes()).hexdigest()

    def wav_bytes(self) -> bytes:
        """The clip as a 16-bit WAV file."""
        buffer = io.BytesIO()
        sf.write(buffer, np.clip(self.samples, -1, 1), SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
        return buffer.getvalue()
