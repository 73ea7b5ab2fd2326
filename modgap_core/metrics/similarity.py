"""Similarity functions f: what compares a speech state with a text state (paper, section 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modgap_core.registry import Registry

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Similarity:
    """A similarity function, declared once; columns, charts, words and the choice in the app follow from it.

    Attributes:
        name: the key in results, files and on the command line.
        title: for axes and tables; its words with ``_`` between them name the column of the similarity score.
        symbol: as in formulas.
        higher_is_better: True for a similarity, False for a distance.
        sentence: what it is, for people.
        source: where it comes from.
        pairwise: f of all pairs: (..., Ts, d) and (..., Tt, d) to (..., Ts, Tt); NaN where it is not defined.
        of_means: f of mean-pooled states: (..., d) and (..., d), which broadcast, to (...,).
        unit: of its values; empty where they have none.
        range: least and largest value; None where there is no bound.

    Example:
        >>> as_similarity("cosine").title, as_similarity("euclidean").higher_is_better
        ('cosine similarity', False)
    """

    name: str
    title: str
    symbol: str
    higher_is_better: bool
    sentence: str
    source: str
    pairwise: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    of_means: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    unit: str = ""
    range: tuple[float | None, float | None] = (None, None)

    def __str__(self) -> str:
        return self.name

    @property
    def column(self) -> str:
        """Of the similarity score in tables.

        >>> as_similarity("euclidean").column
        'euclidean_distance'
        """
        return self.title.lower().replace(" ", "_")

    @property
    def worst(self) -> float:
        """A value that every defined one beats."""
        return float("-inf") if self.higher_is_better else float("inf")


SIMILARITIES: Registry[Similarity] = Registry(
    "similarity function",
    "modgap.similarities",
    {"cosine": "modgap_core.metrics.cosine:COSINE", "euclidean": "modgap_core.metrics.euclidean:EUCLIDEAN"},
    Similarity,
)


def as_similarity(name: str | Similarity) -> Similarity:
    """A similarity function by its name.

    Raises:
        ModGapError: there is none of that name.
    """
    return name if isinstance(name, Similarity) else SIMILARITIES.get(name)
