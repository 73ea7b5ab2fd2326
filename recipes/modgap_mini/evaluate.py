"""Measure modgap-mini with ModGap itself, on questions that training never saw."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modgap_core.analysis.pair import analyze_pair
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.same_words import same_words
from recipes.modgap_mini.augment import NOISE_KINDS, add_noise, noise
from recipes.modgap_mini.clips import Clips
from recipes.modgap_mini.progress import Progress
from recipes.modgap_mini.voices import GROUPS
from recipes.modgap_mini.world import held_out_questions

_BATCH = 16
_SNRS_DB = (20, 10, 5, 0)
_SEED = 7


@dataclass(frozen=True)
class Geometry:
    """Means over pairs of one clip for each held-out question, known voices."""

    n_pairs: int
    cosine_curve: list[float]
    euclidean_curve: list[float]
    cosine_curve_null_high: list[float]
    cosine_monotonicity: list[float]
    euclidean_monotonicity: list[float]
    mean_cosine_monotonicity: float
    mean_euclidean_monotonicity: float
    mean_path_consistency: float
    aps_cosine: float
    aps_cosine_null_low: float
    aps_cosine_null_high: float
    aps_euclidean: float
    similarity_score_cosine: float
    share_of_pairs_with_aps_above_null: float


def answer_text(model: SpeechLM, texts: Sequence[str]) -> list[str]:
    """Answers to typed questions, batched."""
    parts = [texts[i : i + _BATCH] for i in range(0, len(texts), _BATCH)]
    return [a for part in parts for a in model.generate(model.encode_text(part), max_new_tokens=24)]


def answer_speech(model: SpeechLM, waves: Sequence[NDArray[np.float32]], name: str) -> list[str]:
    """Answers to spoken questions, batched."""
    parts = [waves[i : i + _BATCH] for i in range(0, len(waves), _BATCH)]
    progress = Progress(name, len(parts))
    return [a for part in parts for a in progress.tick(model.generate(model.encode_speech(part), max_new_tokens=24))]


def accuracy(answers: Sequence[str], expected: Sequence[str]) -> float:
    """Share of answers that are the expected sentence."""
    return float(np.mean([same_words(a, e) for a, e in zip(answers, expected, strict=True)]))


def answer_table(model: SpeechLM, clips: Clips, name: str) -> pd.DataFrame:
    """The clips' table with the answer to the speech and to the text, and whether each is right."""
    table = clips.table.assign(
        speech_answer=answer_speech(model, list(clips), name), text_answer=answer_text(model, clips.table.text.tolist())
    )
    return table.assign(
        speech_right=[same_words(a, e) for a, e in zip(table.speech_answer, table.answer, strict=True)],
        text_right=[same_words(a, e) for a, e in zip(table.text_answer, table.answer, strict=True)],
    )


def noisy(clips: Clips, snr_db: float) -> list[NDArray[np.float32]]:
    """Every second clip (one for each question) with noise of a random kind at the given ratio."""
    rng = np.random.default_rng([_SEED, int(snr_db)])
    made = []
    for i in range(0, len(clips), 2):
        samples = clips.samples(i)
        other = clips.samples(int(rng.integers(len(clips))))
        kind = NOISE_KINDS[rng.integers(len(NOISE_KINDS))]
        made.append(add_noise(samples, noise(kind, samples.size, rng, other), snr_db))
    return made


def measure_geometry(model: SpeechLM, clips: Clips) -> Geometry:
    """`analyze_pair` over every second clip, averaged."""
    chosen = range(0, len(clips), 2)
    progress = Progress("geometry", len(chosen))
    results = [progress.tick(analyze_pair(model, clips.samples(i), str(clips.table.text.iat[i]))) for i in chosen]
    entries = results[0].entries()

    def layers(metric: str, name: str) -> list[float]:
        rows = np.stack([getattr(r.values(metric), name)[entries] for r in results])
        return [round(float(x), 4) for x in np.nanmean(rows, axis=0)]

    bands = [r.null_curve_band("cosine") for r in results]
    nulls = np.stack([r.null_aps("cosine") for r in results])
    aps = np.array([r.aps("cosine") for r in results])
    return Geometry(
        n_pairs=len(results),
        cosine_curve=layers("cosine", "curve"),
        euclidean_curve=layers("euclidean", "curve"),
        cosine_curve_null_high=[round(float(x), 4) for x in np.mean([b.high for b in bands], axis=0)],
        cosine_monotonicity=layers("cosine", "monotonicity"),
        euclidean_monotonicity=layers("euclidean", "monotonicity"),
        mean_cosine_monotonicity=_mean([r.mean_monotonicity("cosine") for r in results]),
        mean_euclidean_monotonicity=_mean([r.mean_monotonicity("euclidean") for r in results]),
        mean_path_consistency=_mean([r.mean_path_consistency() for r in results]),
        aps_cosine=_mean(aps),
        aps_cosine_null_low=_mean(np.percentile(nulls, 5, axis=1)),
        aps_cosine_null_high=_mean(np.percentile(nulls, 95, axis=1)),
        aps_euclidean=_mean([r.aps("euclidean") for r in results]),
        similarity_score_cosine=_mean([r.similarity_score("cosine") for r in results]),
        share_of_pairs_with_aps_above_null=_mean(aps > np.percentile(nulls, 95, axis=1)),
    )


def _mean(values: Sequence[float] | NDArray[Any]) -> float:
    return round(float(np.nanmean(np.asarray(values, dtype=np.float64))), 4)


def evaluate(model: SpeechLM, clips_folder: Path, out: Path) -> dict[str, pd.DataFrame]:
    """All figures of the model card, written as ``evaluation.json`` into ``out``.

    Returns:
        The answer table of each voice group.
    """
    clips = {group: Clips(clips_folder, group) for group in GROUPS}
    tables = {group: answer_table(model, clips[group], f"answers {group}") for group in GROUPS}
    expected = clips["known"].table.answer.tolist()[::2]
    questions = held_out_questions()
    figures = {
        "model_hash": model.identity.content_hash,
        "n_held_out_questions": len(questions),
        "text_accuracy": round(
            accuracy(answer_text(model, [q.text for q in questions]), [q.answer for q in questions]), 4
        ),
        "speech_accuracy": {group: round(float(table.speech_right.mean()), 4) for group, table in tables.items()},
        "n_clips": {group: len(table) for group, table in tables.items()},
        "speech_accuracy_by_voice": {
            group: {v: round(float(x), 4) for v, x in table.groupby("voice").speech_right.mean().items()}
            for group, table in tables.items()
        },
        "speech_accuracy_by_snr_db": {
            str(snr): round(accuracy(answer_speech(model, noisy(clips["known"], snr), f"{snr} dB"), expected), 4)
            for snr in _SNRS_DB
        },
        "geometry_known_voices": asdict(measure_geometry(model, clips["known"])),
    }
    (out / "evaluation.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return tables
