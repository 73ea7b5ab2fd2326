"""The corpus that ships: held-out questions over known voices, unknown voices and noise levels.

Two thirds are open questions, a third multiple choice: the question is spoken, the four options stand in the manifest
(modgap-mini has no words for letters), and the answer is matched with them by their text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile as sf
from numpy.typing import NDArray

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from recipes.modgap_mini.augment import NOISE_KINDS, add_noise, noise
from recipes.modgap_mini.clips import Clips
from recipes.modgap_mini.world import RELATIONS

CORPUS_NAME = "mini-corpus"
CLEAN = "clean"
_PER_GROUP = {"known": 120, "unknown": 120}
_SNRS_DB = (20, 10, 5, 0)
_PER_SNR = 30
_LETTERS = "ABCD"
_SEED = 23
_PEAK = 0.9


def write_corpus(clips: dict[str, Clips], folder: Path) -> Path:
    """Write OGG files and ``manifest.csv``.

    Args:
        clips: the held-out questions by known and by unknown voices.
        folder: made if it is missing.

    Returns:
        The manifest.
    """
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(_SEED)
    rows = []
    for number, (samples, told) in enumerate(_chosen(clips, rng)):
        name = f"audio/{number:03d}.ogg"
        sf.write(folder / name, samples, SAMPLE_RATE_HZ, format="OGG", subtype="VORBIS", compression_level=0.3)
        asked = _multiple_choice(told, rng) if number % 3 == 0 else _open(told)
        rows.append({"id": f"mini-{number:03d}", "audio": name, "transcript": told.text, **asked, **_slices(told)})
    manifest = folder / "manifest.csv"
    pd.DataFrame(rows).to_csv(manifest, index=False)
    return manifest


def _chosen(clips: dict[str, Clips], rng: np.random.Generator) -> Iterator[tuple[NDArray[np.float32], pd.Series]]:
    """Samples and what is known about them: clean clips of both groups, then known voices in noise."""
    for group, n in _PER_GROUP.items():
        for i in rng.permutation(len(clips[group]))[:n]:
            yield clips[group].samples(int(i)), clips[group].table.iloc[i].copy()
    known = clips["known"]
    for snr_db in _SNRS_DB:
        for i in rng.permutation(len(known))[:_PER_SNR]:
            told = known.table.iloc[i].copy()
            told["snr_db"] = snr_db
            yield _noisy(known, int(i), snr_db, rng), told


def _noisy(clips: Clips, i: int, snr_db: float, rng: np.random.Generator) -> NDArray[np.float32]:
    samples = clips.samples(i)
    kind = NOISE_KINDS[rng.integers(len(NOISE_KINDS))]
    babble = clips.samples(int(rng.integers(len(clips))))
    loud = add_noise(samples, noise(kind, samples.size, rng, babble), snr_db)
    return loud * np.float32(_PEAK / max(_PEAK, float(np.abs(loud).max())))


def _open(told: pd.Series) -> dict[str, str]:
    return {"task": "qa", "reference": str(told.answer), "choices": ""}


def _multiple_choice(told: pd.Series, rng: np.random.Generator) -> dict[str, str]:
    facts = next(relation for relation in RELATIONS if relation.name == told.relation).facts
    others = sorted({answer for answer in facts.values() if answer not in told.answer})  # only one option fits
    wrong = [others[i] for i in rng.permutation(len(others))[: len(_LETTERS) - 1]]
    choices = [str(c) for c in rng.permutation([told.key, *wrong])]
    return {"task": "mcq", "reference": _LETTERS[choices.index(told.key)], "choices": json.dumps(choices)}


def _slices(told: pd.Series) -> dict[str, str]:
    snr = told.get("snr_db")
    return {
        "voices": told.group,
        "snr_db": CLEAN if snr is None else str(snr),
        "relation": told.relation,
        "voice": told.voice,
    }
