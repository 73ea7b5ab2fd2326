"""MRR: how much of the text backbone's score is left when the model listens (TARS, arXiv 2601.05543)."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from modgap_core.statistics.clusters import Clusters, kept
from modgap_core.statistics.interval import Interval, StatisticsError
from modgap_core.statistics.paired_difference import relative_difference_interval
from modgap_core.statistics.paired_values import as_scores, with_both


@dataclass(frozen=True)
class Mrr:
    """Speech score as a share of a text score on the same items.

    Attributes:
        n: items with both scores.
        n_dropped: items left out of both, because one or both scores are missing.
        speech: mean score with speech input, in points (0..100).
        text: mean score of what stands below the line, in points.
        mrr: 100 * speech / text, in percent, 95 percent interval over clusters; NaN where the text score is 0.
        denominator: what stands below the line, in words.
    """

    n: int
    n_dropped: int
    speech: float
    text: float
    mrr: Interval
    denominator: str


def mrr(speech: ArrayLike, text: ArrayLike, denominator: str, clusters: Clusters = ()) -> Mrr:
    """MRR = 100 * mean speech score / mean text score, in percent; above 100 where speech does better.

    TARS divides by the ORIGINAL text backbone, before it was tuned for speech. Tuning lowers a model's text score,
    so its own text score below the line gives a higher MRR: two MRR compare only with the same denominator.

    Args:
        speech: (n,) score of each item with speech input, a fraction 0..1, NaN where there is none.
        text: (n,) score of the same items from the text backbone.
        denominator: what ``text`` comes from, such as "Qwen2.5-7B-Instruct, original".
        clusters: see `cluster_codes`.

    Raises:
        StatisticsError: no denominator named, different lengths, a score outside 0..1, or no item with both scores.

    Example:
        >>> mrr([1, 0, 0, 1], [1, 1, 1, 1], "Qwen2.5-7B-Instruct, original").mrr.value
        50.0
    """
    if not denominator.strip():
        raise StatisticsError("An MRR without a named denominator cannot be compared; name the model behind text.")
    speech, text = as_scores(speech), as_scores(text)
    both = with_both(speech, text)
    lost = relative_difference_interval(text[both], speech[both], kept(clusters, both))
    return Mrr(
        n=int(both.sum()),
        n_dropped=int((~both).sum()),
        speech=100 * float(speech[both].mean()),
        text=100 * float(text[both].mean()),
        mrr=Interval(100 - lost.value, 100 - lost.high, 100 - lost.low),
        denominator=denominator,
    )
