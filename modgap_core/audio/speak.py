"""Speech from text by the synthesisers that Debian packages: espeak-ng, flite, festival."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.errors import AudioError, TranscriptError

SYNTHESISERS = ("espeak-ng", "flite", "festival")
_PROGRAMS = {"espeak-ng": "espeak-ng", "flite": "flite", "festival": "text2wave"}
_TIMEOUT_S = 60
_NORMAL_RATE_WPM = 160


@dataclass(frozen=True)
class Voice:
    """A synthetic voice.

    Attributes:
        synthesiser: one of `SYNTHESISERS`.
        name: the synthesiser's own name of the voice, for example ``en-us+f3`` or ``slt``.
        rate_wpm: speaking rate in words per minute; 160 leaves flite and festival at their own rate.
        pitch: 0 to 99, 50 is the voice's own; only espeak-ng uses it.
    """

    synthesiser: str = "espeak-ng"
    name: str = "en-us"
    rate_wpm: int = 160
    pitch: int = 50

    def __str__(self) -> str:
        return f"{self.synthesiser}/{self.name}"


def is_available(synthesiser: str) -> bool:
    """Whether the synthesiser's program is installed on this machine."""
    return shutil.which(_PROGRAMS[synthesiser]) is not None


def how_to_install(synthesiser: str) -> str:
    """One sentence that tells how to get the synthesiser."""
    return (
        f"{synthesiser} is not installed; install it with 'apt-get install {synthesiser}' "
        f"(Debian, Ubuntu) or 'brew install {synthesiser}' (macOS) and try again."
    )


def speak(text: str, voice: Voice | None = None) -> NDArray[np.float32]:
    """Speak a text.

    Args:
        text: what to say.
        voice: who says it; by default American espeak-ng.

    Returns:
        Mono samples [shape=(n,)] at 16 kHz in -1..1.

    Raises:
        TranscriptError: the text is empty.
        AudioError: the synthesiser is missing, failed or does not know the voice.
    """
    voice = voice or Voice()
    if not text.strip():
        raise TranscriptError("There is nothing to speak: the text is empty; type a sentence.")
    if voice.synthesiser not in SYNTHESISERS:
        raise AudioError(f"Unknown synthesiser {voice.synthesiser!r}; choose from {', '.join(SYNTHESISERS)}.")
    if not is_available(voice.synthesiser):
        raise AudioError(how_to_install(voice.synthesiser))
    samples, rate_hz = _run(text, voice)
    if samples.size == 0:
        raise AudioError(f"{voice} made no sound for {text[:40]!r}; choose another voice or text.")
    return librosa.resample(samples, orig_sr=rate_hz, target_sr=SAMPLE_RATE_HZ).astype(np.float32)  # type: ignore[no-any-return]


def _run(text: str, voice: Voice) -> tuple[NDArray[np.float32], int]:
    stretch = _NORMAL_RATE_WPM / voice.rate_wpm
    with tempfile.TemporaryDirectory() as folder:
        wav, source = Path(folder) / "speech.wav", Path(folder) / "text.txt"
        source.write_text(text, encoding="utf-8")
        commands = {
            "espeak-ng": [
                *("espeak-ng", "-v", voice.name, "-s", str(voice.rate_wpm), "-p", str(voice.pitch)),
                *("-f", str(source), "-w", str(wav)),
            ],
            "flite": [
                *("flite", "-voice", voice.name, "--setf", f"duration_stretch={stretch:.3f}"),
                *("-f", str(source), "-o", str(wav)),
            ],
            "festival": [
                *("text2wave", str(source), "-o", str(wav), "-eval", f"(voice_{voice.name})"),
                *("-eval", f"(Parameter.set 'Duration_Stretch {stretch:.3f})"),
            ],
        }
        done = subprocess.run(commands[voice.synthesiser], capture_output=True, timeout=_TIMEOUT_S, check=False)
        if done.returncode != 0 or not wav.exists():
            reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
            raise AudioError(f"{voice} failed ({reason[0]}); choose another voice.")
        samples, rate_hz = sf.read(io.BytesIO(wav.read_bytes()), dtype="float32")
    return samples, rate_hz
