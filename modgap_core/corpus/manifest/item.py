"""One line of a manifest."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import soundfile as sf

from modgap_core.audio.clip import Clip
from modgap_core.audio.load import load_audio
from modgap_core.scoring.expected import Expected
from modgap_core.scoring.score import Question


@dataclass(frozen=True)
class CorpusItem:
    """A spoken prompt with its transcript.

    Attributes:
        row: number in the manifest, from 0.
        id: unique in the manifest.
        audio: a sound file, or its bytes.
        audio_name: shown to the user.
        transcript: what is said.
        reference: the right answer; empty where there is none.
        task: how answers are scored: qa, mcq, refusal, ifeval or none.
        slices: any further columns (accent, domain, voice, snr ...).
        details: what a scorer needs beside the reference (choices; key, instruction_id_list, kwargs of IFEval).
        units: of models whose speech is discrete units; empty where they come from a unit tokenizer.
    """

    row: int
    id: str
    audio: Path | bytes
    audio_name: str
    transcript: str
    reference: str = ""
    task: str = "none"
    slices: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    units: tuple[int, ...] = ()

    def clip(self) -> Clip:
        """Its sound.

        Raises:
            AudioError: it cannot be read.
        """
        return load_audio(self.audio, self.audio_name)

    @property
    def duration_s(self) -> float:
        """From the file's header, without reading the sound; infinite where no header can be read."""
        source = io.BytesIO(self.audio) if isinstance(self.audio, bytes) else str(self.audio)
        try:
            return float(sf.info(source).duration)
        except (sf.SoundFileError, RuntimeError, OSError):
            return float("inf")

    @property
    def question(self) -> Question:
        """What a scorer is told."""
        return Question(self.transcript, self.reference, self.details)

    @property
    def expected(self) -> Expected:
        """How answers to it are judged."""
        return Expected(self.reference, self.task, self.details)
