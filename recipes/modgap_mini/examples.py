"""Choose the ten example pairs and the null reference that ship, from held-out clips."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile as sf
from numpy.typing import NDArray

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.audio.speak import Voice, speak
from recipes.modgap_mini.augment import add_noise, noise
from recipes.modgap_mini.clips import Clips, trim_silence

_SEED = 11
_NOISY_SNR_DB = 3.0
N_NULL = 22


@dataclass(frozen=True)
class Example:
    """A pair that ships."""

    kind: str
    samples: NDArray[np.float32]
    transcript: str
    reference: str
    voice: str
    note: str


def _pick(table: pd.DataFrame, n: int) -> list[int]:
    """Row numbers, each from another relation while there are any."""
    shuffled = table.sample(frac=1.0, random_state=_SEED)
    first_of_each = shuffled.drop_duplicates("relation")
    rest = shuffled.drop(first_of_each.index)
    return [int(i) for i in pd.concat([first_of_each, rest]).index[:n]]


def _from_row(clips: Clips, table: pd.DataFrame, i: int, kind: str, note: str) -> Example:
    row = table.loc[i]
    return Example(kind, clips.samples(i), str(row.text), str(row.answer), str(row.voice), note)


def choose_examples(clips: dict[str, Clips], tables: dict[str, pd.DataFrame]) -> list[Example]:
    """Five right, three right in text and wrong in speech, one noisy, one with a wrong transcript."""
    known, unknown = tables["known"], tables["unknown"]
    right = known[known.speech_right & known.text_right]
    wrong = unknown[~unknown.speech_right & unknown.text_right]
    chosen = _pick(right, 6)
    examples = [_from_row(clips["known"], known, i, "right", "A known voice, answered right.") for i in chosen[:5]]
    examples += [
        _from_row(
            clips["unknown"],
            unknown,
            i,
            "misheard",
            "A voice never heard in training: right in text, in speech the answer was "
            f"{unknown.speech_answer.loc[i]!r}.",
        )
        for i in _pick(wrong, 3)
    ]
    clean = _from_row(clips["known"], known, chosen[5], "noisy", f"Pink noise at {_NOISY_SNR_DB:g} dB.")
    made = noise("pink", clean.samples.size, np.random.default_rng(_SEED))
    loud = add_noise(clean.samples, made, _NOISY_SNR_DB)
    examples.append(
        Example(
            "noisy",
            loud / max(1.0, float(np.abs(loud).max())),
            clean.transcript,
            clean.reference,
            clean.voice,
            clean.note,
        )
    )
    return [*examples, _wrong_transcript()]


def _wrong_transcript() -> Example:
    voice = Voice("espeak-ng", "en-us+m3", rate_wpm=155)
    samples = trim_silence(speak("what is the capital of austria", voice))
    note = "The clip says austria, the transcript says australia."
    reference = "the capital of austria is vienna"
    return Example("wrong transcript", samples, "what is the capital of australia", reference, str(voice), note)


def write_examples(examples: list[Example], folder: Path) -> None:
    """FLAC files and ``examples.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, example in enumerate(examples, start=1):
        name = f"{number:02d}-{example.kind.replace(' ', '-')}.flac"
        sf.write(folder / name, example.samples, SAMPLE_RATE_HZ, subtype="PCM_16")
        rows.append(
            {
                "file": name,
                "kind": example.kind,
                "transcript": example.transcript,
                "reference": example.reference,
                "voice": example.voice,
                "note": example.note,
            }
        )
    pd.DataFrame(rows).to_csv(folder / "examples.csv", index=False)


def write_null_reference(clips: Clips, seed: int, folder: Path) -> None:
    """22 utterances of other questions by known voices: FLAC files and ``transcripts.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    by_question = clips.table.drop_duplicates("text")
    picked = sorted(int(i) for i in rng.choice(by_question.index.to_numpy(), N_NULL, replace=False))
    rows = []
    for number, i in enumerate(picked, start=1):
        name = f"{number:02d}.flac"
        sf.write(folder / name, clips.samples(i), SAMPLE_RATE_HZ, subtype="PCM_16")
        rows.append({"file": name, "transcript": clips.table.text.loc[i], "voice": clips.table.voice.loc[i]})
    pd.DataFrame(rows).to_csv(folder / "transcripts.csv", index=False)
