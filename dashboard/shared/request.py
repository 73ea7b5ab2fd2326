"""What a visitor asks for: a model, a clip and its transcript."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dashboard.shared.heard import PipelineAnswer
from modgap_core.metrics import Measures
from modgap_core.scoring.expected import Expected, as_expected

if TYPE_CHECKING:
    from modgap_core.audio.clip import Clip


@dataclass(frozen=True)
class PairRequest:
    """A pair to be analysed.

    Attributes:
        model: folder or hub id; empty for modgap-mini.
        clip: the sound.
        transcript: what is said in it.
        reference: the right answer of an open question, or how answers are judged.
        note: a sentence about where the pair comes from.
        pipeline: what an ASR made of the clip, where a corpus run has it.
        measures: what is measured.
    """

    model: str
    clip: Clip
    transcript: str
    reference: Expected | str = ""
    note: str = ""
    pipeline: PipelineAnswer | None = None
    measures: Measures = field(default_factory=Measures)

    @property
    def expected(self) -> Expected:
        """How answers are judged."""
        return as_expected(self.reference)
