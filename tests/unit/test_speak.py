"""Real synthesisers."""

from __future__ import annotations

import numpy as np
import pytest

from modgap_core.audio.speak import Voice, how_to_install, is_available, speak
from modgap_core.errors import AudioError, TranscriptError

VOICES = [Voice("espeak-ng", "en-us+f3"), Voice("flite", "slt"), Voice("festival", "kal_diphone")]


@pytest.mark.parametrize("voice", VOICES, ids=str)
def test_speaks_longer_when_slower(voice: Voice) -> None:
    if not is_available(voice.synthesiser):
        pytest.skip(how_to_install(voice.synthesiser))
    usual = speak("what is the capital of france", voice)
    slow = speak("what is the capital of france", Voice(voice.synthesiser, voice.name, rate_wpm=100))
    assert usual.dtype == np.float32
    assert 1.0 < len(usual) / 16_000 < 4.0
    assert len(slow) > 1.2 * len(usual)
    assert np.abs(usual).max() > 0.05


def test_text_is_never_read_as_an_option() -> None:
    if not is_available("espeak-ng"):
        pytest.skip(how_to_install("espeak-ng"))
    assert len(speak("--version; rm -rf nothing")) > 8000


def test_errors() -> None:
    with pytest.raises(TranscriptError, match="nothing to speak"):
        speak("  ")
    with pytest.raises(AudioError, match="Unknown synthesiser 'hal'; choose from espeak-ng, flite, festival"):
        speak("hello", Voice("hal", "9000"))
    if is_available("espeak-ng"):
        with pytest.raises(AudioError, match="espeak-ng/xx-none failed"):
            speak("hello", Voice("espeak-ng", "xx-none"))


def test_missing_synthesiser_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AudioError, match="espeak-ng is not installed; install it with 'apt-get install espeak-ng'"):
        speak("hello")
