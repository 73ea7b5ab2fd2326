"""An input source: a tone, with a sentence that nobody says in it."""

import numpy as np

from dashboard.shared.request import PairRequest
from dashboard.sidebar.input_source import InputSource


def _choose(model: str) -> PairRequest:
    from modgap_core.audio.clip import Clip

    tone = (0.1 * np.sin(2 * np.pi * 220 * np.arange(16_000) / 16_000)).astype(np.float32)
    return PairRequest(model, Clip(tone, "tone"), "which continent is russia in")


TONE = InputSource("silence_and_tone", "A tone", "Nothing is to be done.", _choose, source="toy")
