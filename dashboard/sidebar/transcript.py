"""A clip and the transcript that a visitor types; pure, no streamlit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.shared.request import PairRequest

if TYPE_CHECKING:
    from modgap_core.audio.clip import Clip

TRANSCRIPT_HELP = "What is said in the clip, word by word."


def with_transcript(model: str, clip: Clip, transcript: str) -> PairRequest | None:
    """The pair; None while the transcript is empty."""
    return PairRequest(model, clip, transcript) if transcript.strip() else None
