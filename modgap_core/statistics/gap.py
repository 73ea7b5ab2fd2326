"""GAP, the paper's modality gap of the answers: M_t - M_s (section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from modgap_core.statistics.clusters import Clusters, kept
from modgap_core.statistics.interval import Interval
from modgap_core.statistics.paired_difference import PairedDifference, paired_difference, relative_difference_interval
from modgap_core.statistics.paired_values import as_scores, with_both


@dataclass(frozen=True)
class Gap:
    """Text against speech on the same items.

    Attributes:
        paired: text less speech: n, C, interval, MDE, sign-flip test, items right in one alone.
        relative_gap: 100 * (text - speech) / text, in percent, with its interval; NaN where the text score is 0.
    """

    paired: PairedDifference
    relative_gap: Interval

    @property
    def text(self) -> float:
        """Mean score with text input, in points (0..100)."""
        return self.paired.a

    @property
    def speech(self) -> float:
        """Mean score with speech input, in points."""
        return self.paired.b

    @property
    def gap(self) -> Interval:
        """Text less speech, in points, 95 percent interval over clusters."""
        return self.paired.difference

    @property
    def n_text_right_speech_wrong(self) -> int:
        """Items answered right from text and wrong from speech: where error analysis starts."""
        return self.paired.only_a


def gap(text: ArrayLike, speech: ArrayLike, clusters: Clusters = ()) -> Gap:
    """GAP = 100 * (mean text score - mean speech score), in points, on the items that have both.

    Args:
        text: (n,) score of each item with text input, a fraction 0..1, NaN where there is none.
        speech: (n,) score of the same items with speech input.
        clusters: see `cluster_codes`.

    Raises:
        StatisticsError: different lengths, a score outside 0..1, no item with both scores, or clusters that do not fit.

    Example:
        >>> found = gap([1, 1, 1, 0], [1, 0, 0, 0])
        >>> found.text, found.speech, found.gap.value, found.n_text_right_speech_wrong
        (75.0, 25.0, 50.0, 2)
    """
    paired = paired_difference(text, speech, clusters)
    text, speech = as_scores(text), as_scores(speech)
    both = with_both(text, speech)
    return Gap(paired, relative_difference_interval(text[both], speech[both], kept(clusters, both)))
