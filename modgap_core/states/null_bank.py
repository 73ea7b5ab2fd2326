"""The null bank: states of other utterances, against which every pair is compared.

A raw cosine between speech and text states cannot be compared between models: even unrelated
utterances score high in some of them. So each pair is also compared with what it is not: its speech
with the transcripts of other utterances, its transcript with the speech of others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import pandas as pd
import torch
from torch.nn.utils.rnn import pad_sequence

from modgap_core.audio.load import load_audio
from modgap_core.errors import ModelError
from modgap_core.metrics.mean_pooled import mean_pooled
from modgap_core.models.speech_lm import SpeechLM, Wave
from modgap_core.same_words import same_words
from modgap_core.shipped import shipped_path
from modgap_core.states.rows import Rows

NULL_FOLDER = shipped_path("null_reference")
N_OTHERS = 20
_BANKS: WeakKeyDictionary[SpeechLM, NullBank] = WeakKeyDictionary()


@dataclass(frozen=True)
class Utterance:
    """A clip with its transcript."""

    wave: Wave
    transcript: str


@dataclass(frozen=True)
class SideStates:
    """States of one side (speech or text) of M utterances, padded.

    Attributes:
        states: (N, M, T, d); padding is zero.
        is_token: bool (M, T).
        means: (N, M, d), the mean over each utterance's tokens.
    """

    states: torch.Tensor
    is_token: torch.Tensor
    means: torch.Tensor

    def at(self, entry: int) -> Rows:
        """The states of one layer."""
        return Rows(self.states[entry].float(), self.is_token, self.means[entry])

    @classmethod
    def of(cls, sides: Sequence[torch.Tensor]) -> SideStates:
        """From the span states (N, T_m, d) of each utterance."""
        by_token = pad_sequence([s.transpose(0, 1) for s in sides], batch_first=True)  # (M, T, N, d)
        lengths = torch.tensor([s.shape[1] for s in sides], device=by_token.device)
        is_token = torch.arange(by_token.shape[1], device=by_token.device) < lengths[:, None]
        return cls(by_token.permute(2, 0, 1, 3).contiguous(), is_token, torch.stack([mean_pooled(s) for s in sides], 1))

    def without(self, kept: list[int]) -> SideStates:
        """The utterances with these numbers only."""
        return SideStates(self.states[:, kept], self.is_token[kept], self.means[:, kept])


@dataclass(frozen=True)
class NullBank:
    """Other utterances inside one model."""

    transcripts: tuple[str, ...]
    speech: SideStates
    text: SideStates

    def excluding(self, transcript: str, n: int = N_OTHERS) -> NullBank:
        """The first n utterances that do not say the same."""
        kept = [i for i, other in enumerate(self.transcripts) if not same_words(other, transcript)][:n]
        return NullBank(tuple(self.transcripts[i] for i in kept), self.speech.without(kept), self.text.without(kept))


def shipped_utterances(folder: Path = NULL_FOLDER) -> list[Utterance]:
    """The utterances that ship with ModGap as the null reference."""
    table = folder / "transcripts.csv"
    if not table.exists():
        raise ModelError(f"The null reference is missing ({table}); restore the folder, or install modgap again.")
    rows = pd.read_csv(table)
    clips = [load_audio(folder / name) for name in rows["file"]]
    return [Utterance(c.samples, t) for c, t in zip(clips, rows["transcript"], strict=True)]


def build_null_bank(model: SpeechLM, utterances: Sequence[Utterance]) -> NullBank:
    """Run each utterance through the model, as speech and as text."""
    speech = [model.span_states(model.encode_speech([u.wave])) for u in utterances]
    text = [model.span_states(model.encode_text([u.transcript])) for u in utterances]
    return NullBank(tuple(u.transcript for u in utterances), SideStates.of(speech), SideStates.of(text))


def shipped_bank(model: SpeechLM, tell: Callable[[], None]) -> NullBank:
    """The shipped utterances inside a model; run once for each model, and kept as long as it is.

    Args:
        model: to run them through.
        tell: called before they are run.
    """
    with model.lock:
        if model not in _BANKS:
            tell()
            _BANKS[model] = build_null_bank(model, shipped_utterances())
        return _BANKS[model]
