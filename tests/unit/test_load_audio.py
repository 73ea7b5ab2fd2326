"""Sound in every shape that people have it, and what is not sound."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from modgap_core.audio.clip import Clip
from modgap_core.audio.envelope import waveform_envelope
from modgap_core.audio.load import load_audio
from modgap_core.audio.spectrogram import log_mel_spectrogram
from modgap_core.errors import AudioError


def tone(rate_hz: int, seconds: float = 1.0, channels: int = 1) -> np.ndarray:
    t = np.arange(int(rate_hz * seconds)) / rate_hz
    return np.repeat((0.5 * np.sin(2 * np.pi * 440 * t))[:, None], channels, axis=1)


def encoded(samples: np.ndarray, rate_hz: int = 16_000, kind: str = "WAV", subtype: str | None = None) -> bytes:
    buffer = io.BytesIO()
    sf.write(buffer, samples, rate_hz, format=kind, subtype=subtype)
    return buffer.getvalue()


def peak_hz(clip: Clip) -> float:
    spectrum = np.abs(np.fft.rfft(clip.samples * np.hanning(len(clip.samples))))
    return float(np.fft.rfftfreq(len(clip.samples), 1 / 16_000)[spectrum.argmax()])


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 192_000])
def test_a_tone_keeps_its_pitch_and_length(rate_hz: int) -> None:
    clip = load_audio(encoded(tone(rate_hz), rate_hz))
    assert peak_hz(clip) == pytest.approx(440, abs=2)
    assert clip.duration_s == pytest.approx(1.0, abs=0.001)
    assert clip.samples.dtype == np.float32


def test_8_khz_is_noted() -> None:
    assert load_audio(encoded(tone(8_000), 8_000)).notes == ("Resampled from 8 kHz: nothing above 4 kHz is in it.",)


def test_8_channels_are_averaged() -> None:
    clip = load_audio(encoded(tone(16_000, channels=8)))
    np.testing.assert_allclose(clip.samples, tone(16_000)[:, 0], atol=1e-4)
    assert clip.notes == ("8 channels were averaged to one.",)


@pytest.mark.parametrize(("kind", "subtype"), [("WAV", "FLOAT"), ("FLAC", None), ("OGG", "VORBIS"), ("MP3", None)])
def test_formats_by_content_under_a_wrong_name(tmp_path: Path, kind: str, subtype: str | None) -> None:
    data = encoded(tone(16_000), 16_000, kind, subtype)
    path = tmp_path / "song.txt"
    path.write_bytes(data)
    from_path, from_bytes = load_audio(path), load_audio(data, "song.txt")
    assert peak_hz(from_path) == pytest.approx(440, abs=2)
    np.testing.assert_array_equal(from_path.samples, from_bytes.samples)
    assert from_path.sha256 == from_bytes.sha256


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_m4a_through_ffmpeg(tmp_path: Path) -> None:
    wav, m4a = tmp_path / "a.wav", tmp_path / "a.m4a"
    wav.write_bytes(encoded(tone(44_100), 44_100))
    subprocess.run(["ffmpeg", "-v", "error", "-i", wav, m4a], check=True)
    assert peak_hz(load_audio(m4a)) == pytest.approx(440, abs=2)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret.wav").write_bytes(encoded(tone(16_000)))
    playlist = f"#EXTM3U\n#EXTINF:1,\nfile://{tmp_path}/secret.wav\n".encode()
    with pytest.raises(AudioError, match="not a sound file"):
        load_audio(playlist, "list.m3u8")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b\\c.wav", "", "C:\\x\\speech.wav"])
def test_names_with_slashes_show_their_last_part(name: str) -> None:
    shown = load_audio(encoded(tone(16_000)), name).name
    assert "/" not in shown
    assert "\\" not in shown
    assert shown


def test_truncated_wav_is_read_as_far_as_it_goes() -> None:
    data = encoded(tone(16_000, 2.0))
    clip = load_audio(data[: len(data) // 2])
    assert clip.duration_s == pytest.approx(1.0, abs=0.01)
    assert "ends early" in clip.notes[0]


def test_truncated_flac_is_read_as_far_as_it_goes_or_refused() -> None:
    data = encoded(tone(16_000, 2.0), kind="FLAC")
    try:
        clip: Clip | None = load_audio(data[: len(data) // 2])
    except AudioError:
        clip = None
    if clip is None:
        with pytest.raises(AudioError, match="is not a sound file"):  # what follows depends on ffmpeg
            load_audio(data[: len(data) // 2])
    else:
        assert 0.5 < clip.duration_s < 2.0
        assert peak_hz(clip) == pytest.approx(440, abs=2)


BAD = {
    "empty": (b"", r"is empty \(0 bytes\); choose a file"),
    "not audio": (b"<html>hello</html>" * 50, "is not a sound file"),
    "header only": (encoded(np.zeros((0, 1))), "no samples|not a sound file"),
    "silence": (encoded(np.zeros((16_000, 1))), "is silent"),
    "one sample": (encoded(np.array([[0.5]])), r"has 1 sample\(s\), 0.000 s; at least 0.1 s"),
    "NaN": (encoded(np.full((16_000, 1), np.nan), subtype="FLOAT"), "has 16000 samples that are not finite"),
    "10 minutes": (encoded(np.full((8_000 * 600, 1), 0.1), 8_000, subtype="PCM_U8"), "lasts 600 s, but at most 300 s"),
    "cancelling channels": (encoded(np.hstack([tone(16_000), -tone(16_000)]), subtype="FLOAT"), "cancel each other"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_sound(case: str) -> None:
    data, message = BAD[case]
    with pytest.raises(AudioError, match=message):
        load_audio(data, "clip.wav")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"There is no file 'nope\.wav'"):
        load_audio(tmp_path / "nope.wav")
    with pytest.raises(AudioError, match="is a folder, not a sound file"):
        load_audio(tmp_path)


def test_wav_bytes_hold_the_samples() -> None:
    clip = load_audio(encoded(tone(16_000)))
    again, rate_hz = sf.read(io.BytesIO(clip.wav_bytes()))
    assert rate_hz == 16_000
    np.testing.assert_allclose(again, clip.samples, atol=1e-4)


def test_spectrogram_is_loudest_at_the_tone() -> None:
    mel = log_mel_spectrogram(tone(16_000)[:, 0].astype(np.float32))
    band = int(mel.values_db.mean(axis=1).argmax())
    neighbours = mel.frequencies_hz[max(band - 1, 0)], mel.frequencies_hz[band + 1]
    assert neighbours[0] <= 440 <= neighbours[1]
    assert mel.values_db.max() == 0
    assert mel.values_db.shape == (64, 101)


def test_envelope_bounds_every_stretch() -> None:
    samples = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    envelope = waveform_envelope(samples, 7)
    assert envelope.shape == (7, 2)
    assert envelope[:, 0].min() == samples.min()
    assert envelope[:, 1].max() == samples.max()
