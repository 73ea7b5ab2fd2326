"""The two similarity functions of the paper, f_cos and f_d (section 4)."""

from __future__ import annotations

from enum import StrEnum


class Metric(StrEnum):
    """Which similarity function a quantity is computed with."""

    COSINE = "cosine"
    EUCLIDEAN = "euclidean"

    @property
    def higher_is_better(self) -> bool:
        """True for cosine similarity, False for Euclidean distance."""
        return self is Metric.COSINE
