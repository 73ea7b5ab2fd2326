"""Any sound file to a `Clip`: libsndfile first, then the installed ffmpeg; by content, never by name."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from modgap_core.audio.clip import Clip
from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.errors import AudioError
from modgap_core.shipped import given_path

MAX_DURATION_S = 300.0
MIN_DURATION_S = 0.1
MAX_BYTES = 200 * 2**20
_SILENCE_PEAK = 1e-4
_FFMPEG_TIMEOUT_S = 60
_Samples = NDArray[np.float32]


def load_audio(source: str | Path | bytes, name: str = "") -> Clip:
    """Read a sound.

    Args:
        source: a file (``shipped:NAME`` is one that ships), or its bytes.
        name: shown for bytes; of a path only the last part is shown.

    Returns:
        Mono, 16 kHz; `Clip.notes` says what was done to it.

    Raises:
        AudioError: not there, not audio, empty, silent, not finite, shorter than 0.1 s or longer than 300 s.
    """
    if not isinstance(source, bytes):
        path = given_path(source)
        name, source = name or path.name, _read(path)
    shown = PurePosixPath(name.replace("\\", "/")).name or "the clip"
    if not source:
        raise AudioError(f"{shown!r} is empty (0 bytes); choose a file with sound in it.")
    samples, rate_hz, notes = _decode(source, shown)
    _refuse_unusable(samples, rate_hz, shown)
    mono, more = _to_mono_16k(samples, rate_hz)
    return Clip(mono, shown, (*notes, *more))


def clip_of_samples(samples: _Samples, name: str = "samples") -> Clip:
    """A clip from mono samples [shape=(n,)] at 16 kHz, checked like a file.

    Raises:
        AudioError: as `load_audio`.
    """
    mono = np.ascontiguousarray(samples, dtype=np.float32)
    _refuse_unusable(mono[:, None], SAMPLE_RATE_HZ, name)
    return Clip(mono, name)


def _read(path: Path) -> bytes:
    if not path.exists():
        raise AudioError(f"There is no file {path.name!r}; check the path.")
    if not path.is_file():
        raise AudioError(f"{path.name!r} is a folder, not a sound file; give a file.")
    if path.stat().st_size > MAX_BYTES:
        raise AudioError(
            f"{path.name!r} has {path.stat().st_size / 2**20:.0f} MB, more than the {MAX_BYTES // 2**20} MB that "
            "can be read; cut out the part you want."
        )
    return path.read_bytes()


def _decode(data: bytes, shown: str) -> tuple[_Samples, int, list[str]]:
    try:
        with sf.SoundFile(io.BytesIO(data)) as file:
            _refuse_long(file.frames / file.samplerate, shown)
            samples = file.read(dtype="float32", always_2d=True)
            notes = _ends_early(file.frames, len(samples), file.samplerate)
            return samples, file.samplerate, notes + _header_note(data, len(samples), file)
    except (sf.SoundFileError, RuntimeError):
        return _decode_with_ffmpeg(data, shown), SAMPLE_RATE_HZ, []


def _ends_early(promised: int, read: int, rate_hz: int) -> list[str]:
    if read >= promised:
        return []
    return [f"The file ends early: {read / rate_hz:.1f} s of {promised / rate_hz:.1f} s could be read."]


def _header_note(data: bytes, n_frames: int, file: sf.SoundFile) -> list[str]:
    """A WAV header that promises more bytes than follow; libsndfile silently reads what is there."""
    at = data.find(b"data", 12, 4096)
    if data[:4] != b"RIFF" or at < 0 or n_frames == 0:
        return []
    promised, present = int.from_bytes(data[at + 4 : at + 8], "little"), len(data) - at - 8
    if promised >= 0xFFFFFFF0 or promised <= present:  # streams write the largest number for an unknown length
        return []
    return _ends_early(n_frames * promised // max(present, 1), n_frames, file.samplerate)


def _decode_with_ffmpeg(data: bytes, shown: str) -> _Samples:
    program = shutil.which("ffmpeg")
    if program is None:
        raise AudioError(
            f"{shown!r} is not a sound file that libsndfile reads (wav, flac, mp3, ogg ...); "
            "for other formats (m4a ...) install ffmpeg, or convert it to wav."
        )
    # Only pipes may be opened: a playlist inside the upload must not make ffmpeg fetch anything.
    command = [
        *(program, "-v", "error", "-protocol_whitelist", "pipe", "-t", str(MAX_DURATION_S + 1), "-i", "pipe:0"),
        *("-vn", "-ac", "1", "-ar", str(SAMPLE_RATE_HZ), "-f", "f32le", "pipe:1"),
    ]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_FFMPEG_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise AudioError(f"{shown!r} could not be decoded within {_FFMPEG_TIMEOUT_S} s; convert it to wav.") from error
    samples = np.frombuffer(done.stdout[: len(done.stdout) // 4 * 4], dtype=np.float32)
    if samples.size == 0:
        raise AudioError(f"{shown!r} is not a sound file, or is damaged: neither libsndfile nor ffmpeg can read it.")
    return samples[:, None]


def _refuse_long(duration_s: float, shown: str) -> None:
    if duration_s > MAX_DURATION_S:
        raise AudioError(
            f"{shown!r} lasts {duration_s:.0f} s, but at most {MAX_DURATION_S:.0f} s can be analysed; cut it shorter."
        )


def _refuse_unusable(samples: _Samples, rate_hz: int, shown: str) -> None:
    duration_s = len(samples) / rate_hz
    _refuse_long(duration_s, shown)
    if samples.size == 0:
        raise AudioError(f"{shown!r} has no samples; choose a file with sound in it.")
    if bad := int((~np.isfinite(samples)).sum()):
        raise AudioError(f"{shown!r} has {bad} samples that are not finite numbers (NaN or infinity); export it again.")
    if duration_s < MIN_DURATION_S:
        raise AudioError(
            f"{shown!r} has {len(samples)} sample(s), {duration_s:.3f} s; at least {MIN_DURATION_S:g} s are needed."
        )
    if float(np.abs(samples).max()) < _SILENCE_PEAK:
        raise AudioError(f"{shown!r} is silent (peak below {_SILENCE_PEAK:g}); check the microphone or the file.")


def _to_mono_16k(samples: _Samples, rate_hz: int) -> tuple[_Samples, list[str]]:
    notes, n_channels = [], samples.shape[1]
    if n_channels > 1:
        notes.append(f"{n_channels} channels were averaged to one.")
    mono = samples.mean(axis=1)
    if rate_hz < SAMPLE_RATE_HZ:
        notes.append(f"Resampled from {rate_hz / 1000:g} kHz: nothing above {rate_hz / 2000:g} kHz is in it.")
    if rate_hz != SAMPLE_RATE_HZ:
        import librosa

        mono = librosa.resample(mono, orig_sr=rate_hz, target_sr=SAMPLE_RATE_HZ)
    if float(np.abs(mono).max()) < _SILENCE_PEAK:
        raise AudioError("The channels cancel each other to silence; export one channel alone.")
    return np.ascontiguousarray(mono, dtype=np.float32), notes


def as_clip(speech: Clip | NDArray[np.float32] | str | Path) -> Clip:
    """A clip, samples (mono, 16 kHz) or a sound file as a `Clip`."""
    if isinstance(speech, Clip):
        return speech
    if isinstance(speech, np.ndarray):
        return clip_of_samples(speech)
    return load_audio(speech)
