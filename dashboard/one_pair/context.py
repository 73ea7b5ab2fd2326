"""What the page "One pair" is of."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.shared.heard import PipelineAnswer
from modgap_core.results.pair_result import PairResult

AFTER_NORM = "after_norm"
"""Key of the switch."""


@dataclass(frozen=True, eq=False)
class PairOnPage:
    """An analysed pair, and how it is shown.

    Attributes:
        result: of the pair.
        warn_voices: say what the model's makers want known about the speech it understands.
        pipeline: what an ASR made of the same clip, where a corpus run has it.
    """

    result: PairResult
    warn_voices: bool
    pipeline: PipelineAnswer | None = None

    @property
    def after_norm(self) -> bool:
        """Whether layer L is shown after the final norm: the switch on the page, above all that depends on it."""
        return bool(st.session_state.get(AFTER_NORM, False))
