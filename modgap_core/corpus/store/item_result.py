"""What came out of one item of a corpus."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modgap_core.corpus.manifest.item import CorpusItem
from modgap_core.metrics import DEFAULT_PATH, Similarity
from modgap_core.results.comparing import ByContent
from modgap_core.results.measured import Measured
from modgap_core.results.similarity_values import SimilarityValues

if TYPE_CHECKING:
    from modgap_core.interventions.other_question import OtherQuestion


@dataclass(frozen=True, eq=False)
class ItemResult(ByContent):
    """What came out of one item.

    Attributes:
        item: of the manifest.
        error: why it failed; empty if it did not. Then everything below is empty.
        clip_sha256: of the samples.
        duration_s: of the clip.
        n_speech_tokens: Ts.
        n_text_tokens: Tt.
        heard: what the ASR wrote; empty without one.
        answers: by condition.
        measured: every quantity by name; None of a failed item.
        injected: the question that `other-transcript` wrote in; None where it was not asked for.
    """

    item: CorpusItem
    error: str = ""
    clip_sha256: str = ""
    duration_s: float = float("nan")
    n_speech_tokens: int = 0
    n_text_tokens: int = 0
    heard: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    measured: Measured | None = None
    injected: OtherQuestion | None = None

    def values(self, similarity: str | Similarity, path: str = DEFAULT_PATH) -> SimilarityValues:
        """The quantities of one similarity function and path, of an item that did not fail.

        Raises:
            ModGapError: there is no such function or path, or it was not measured.
            ValueError: the item failed.
        """
        if self.measured is None:
            raise ValueError(f"The item {self.item.id!r} failed ({self.error}), so nothing was measured.")
        return self.measured.values(similarity, path)
