"""Synthesise the clips of the recipe, once, into one sample file and one table per split."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.audio.speak import Voice, speak
from recipes.modgap_mini.progress import Progress
from recipes.modgap_mini.voices import draw_voice
from recipes.modgap_mini.world import Question, held_out_questions, repetitions, training_questions

WINDOW_S = 5.0
_SILENCE_LEVEL = 0.01
_MARGIN_S = 0.05
CLIPS_PER_TRAINING_QUESTION = 11
CLIPS_PER_HELD_OUT_QUESTION = 2
CLIPS_PER_ENTITY = 14


@dataclass(frozen=True)
class ClipPlan:
    """One clip to be spoken."""

    question: Question
    voice: Voice
    group: str


def plan_clips(split: str, seed: int) -> list[ClipPlan]:
    """The clips of a split.

    Args:
        split: ``train`` (training questions) or ``entities`` (their entities alone), by known voices; or a group
            of voices, which speaks the held-out questions.
        seed: of the draw of voices.
    """
    rng = np.random.default_rng([seed, sum(map(ord, split))])
    questions, times = _spoken_in(split)
    group = "known" if split in ("train", "entities") else split
    return [ClipPlan(q, draw_voice(group, rng), group) for q in questions for _ in range(times)]


def _spoken_in(split: str) -> tuple[list[Question], int]:
    if split == "train":
        return training_questions(), CLIPS_PER_TRAINING_QUESTION
    if split == "entities":
        return repetitions(), CLIPS_PER_ENTITY
    return held_out_questions(), CLIPS_PER_HELD_OUT_QUESTION


def trim_silence(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut silence at both ends, keeping a margin of 50 ms.

    >>> x = np.zeros(32_000, np.float32); x[16_000:17_000] = 0.5
    >>> trim_silence(x).size
    2600
    """
    loud = np.flatnonzero(np.abs(samples) > _SILENCE_LEVEL)
    if loud.size == 0:
        return samples
    margin = int(_MARGIN_S * SAMPLE_RATE_HZ)
    return samples[max(0, loud[0] - margin) : loud[-1] + 1 + margin]


def _say(plan: ClipPlan) -> NDArray[np.int16]:
    samples = trim_silence(speak(plan.question.text, plan.voice))
    peak = float(np.abs(samples).max()) or 1.0
    return (samples / peak * 0.7 * 32767).astype(np.int16)


class Clips:
    """The clips of a split: a table, and their samples in one file."""

    def __init__(self, folder: Path, split: str) -> None:
        self.table = pd.read_parquet(folder / f"{split}.parquet")
        self._samples = np.load(folder / f"{split}.npy", mmap_mode="r")

    def __len__(self) -> int:
        return len(self.table)

    def samples(self, i: int) -> NDArray[np.float32]:
        """Samples [shape=(n,)] of clip i at 16 kHz in -1..1."""
        start, stop = self.table.start.iat[i], self.table.stop.iat[i]
        return self._samples[start:stop].astype(np.float32) / 32768  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        return (self.samples(i) for i in range(len(self)))


def make_clips(folder: Path, split: str, seed: int, workers: int = 2) -> Clips:
    """Speak the clips of a split unless they are there already; clips over 5 s are left out."""
    if not (folder / f"{split}.parquet").exists():
        folder.mkdir(parents=True, exist_ok=True)
        plans = plan_clips(split, seed)
        progress = Progress(f"speak {split}", len(plans))
        with ProcessPoolExecutor(workers) as pool:
            spoken = [progress.tick(s) for s in pool.map(_say, plans, chunksize=16)]
        _write(folder, split, plans, spoken)
    return Clips(folder, split)


def _write(folder: Path, split: str, plans: list[ClipPlan], spoken: list[NDArray[np.int16]]) -> None:
    kept = [(p, s) for p, s in zip(plans, spoken, strict=True) if s.size <= WINDOW_S * SAMPLE_RATE_HZ]
    stops = np.cumsum([s.size for _, s in kept])
    table = pd.DataFrame(
        {
            "text": [p.question.text for p, _ in kept],
            "answer": [p.question.answer for p, _ in kept],
            "key": [p.question.key for p, _ in kept],
            "relation": [p.question.relation for p, _ in kept],
            "voice": [str(p.voice) for p, _ in kept],
            "rate_wpm": [p.voice.rate_wpm for p, _ in kept],
            "pitch": [p.voice.pitch for p, _ in kept],
            "group": [p.group for p, _ in kept],
            "start": stops - [s.size for _, s in kept],
            "stop": stops,
        }
    )
    np.save(folder / f"{split}.npy", np.concatenate([s for _, s in kept]))
    table.to_parquet(folder / f"{split}.parquet")
