"""What a visitor asks for: a model, a clip and its transcript."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modgap_core.audio.clip import Clip


@dataclass(frozen=True)
class PairRequest:
    """A pair to be analysed.

    Attributes:
        model: folder or hub id; empty for modgap-mini.
        clip: the sound.
        transcript: what is said in it.
        reference: the right answer, where it is known.
        note: a sentence about where the pair comes from.
    """

    model: str
    clip: Clip
    transcript: str
    reference: str = ""
    note: str = ""
