"""The two similarity functions of the paper, f_cos and f_d (section 4)."""

from __future__ import annotations

from enum import StrEnum

from modgap_core.errors import ModGapError


class Metric(StrEnum):
    """Which similarity function a quantity is computed with.

    Example:
        >>> Metric("cosine").higher_is_better
        True
    """

    COSINE = "cosine"
    EUCLIDEAN = "euclidean"

    @classmethod
    def _missing_(cls, value: object) -> Metric:
        """Refuse any other name, rather than take it for one of them."""
        raise ModGapError(f"Unknown similarity function {value!r}; choose from {', '.join(cls)}.")

    @property
    def higher_is_better(self) -> bool:
        """True for cosine similarity, False for Euclidean distance."""
        return self is Metric.COSINE
