"""One analysed pair, as a quantity of pairs sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from modgap_core.errors import ModGapError
from modgap_core.results.measured import Measured
from modgap_core.scoring.expected import Expected
from modgap_core.tokens import TextToken, WordTime


@dataclass(frozen=True)
class PairView:
    """What is known of a pair when its layers are measured.

    Attributes:
        measured: quantities by layer, paths; matrices where the pair is analysed by itself.
        transcript: as it was given to the model.
        answer_to_speech: what the model said to the clip.
        answer_to_text: what it said to the transcript.
        expected: how answers are judged.
        text_tokens: Tt tokens.
        speech_spans_s: (Ts, 2) start and end of each speech token in seconds.
        word_times: when each word is said; empty where it is not known.
        speech_logprobs: (V,) of the first answer token after the clip; None unless a quantity needs logits.
        text_logprobs: (V,) of the first answer token after the transcript; likewise.
    """

    measured: Measured
    transcript: str
    answer_to_speech: str
    answer_to_text: str
    expected: Expected
    text_tokens: Sequence[TextToken]
    speech_spans_s: NDArray[np.float64]
    word_times: Sequence[WordTime] = field(default=())
    speech_logprobs: NDArray[np.float32] | None = None
    text_logprobs: NDArray[np.float32] | None = None

    @property
    def logprobs(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Of the first answer token, after speech and after text.

        Raises:
            ModGapError: no quantity declared that it needs them.
        """
        if self.speech_logprobs is None or self.text_logprobs is None:
            raise ModGapError("The logits were not computed; declare that the quantity needs them (Need.LOGITS).")
        return self.speech_logprobs, self.text_logprobs
