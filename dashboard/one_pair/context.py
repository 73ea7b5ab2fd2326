"""What the page "One pair" is of."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.shared.heard import PipelineAnswer
from modgap_core.results.pair_result import PairResult


@dataclass(frozen=True, eq=False)
class PairOnPage:
    """An analysed pair, and how it is shown.

    Attributes:
        result: of the pair.
        after_norm: layer L is shown after the final norm.
        warn_voices: say what the model's makers want known about the speech it understands.
        pipeline: what an ASR made of the same clip, where a corpus run has it.
    """

    result: PairResult
    after_norm: bool
    warn_voices: bool
    pipeline: PipelineAnswer | None = None
