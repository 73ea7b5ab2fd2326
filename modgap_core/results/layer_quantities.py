"""The quantities of one similarity function at every layer, and what they come to over the layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modgap_core.metrics import alignment_path_score, layers_0_to_l, mean_monotonicity, similarity_score
from modgap_core.metrics.null_reference import z_score

Array = NDArray[np.float32]


@dataclass(frozen=True)
class LayerQuantities:
    """One similarity function f (cosine or Euclidean) for one pair.

    N = L + 2 entries: layers 0..L, then layer L after the final norm. NaN means undefined, -1 in a path means that
    the text token has no partner. The methods take layer L before the final norm unless told otherwise.

    Attributes:
        curve: (N,) f of the mean-pooled states, the layer curve (paper, section 4).
        path: (N, Tt) i*_j, the alignment path (section 5.1).
        monotonicity: (N,) Spearman rank correlation of j and i*_j.
        aps_terms: (N,) mean of A over the path, the terms of the APS (section 5.2).
        null_curve: (M, N) the curve for M mismatched pairs.
        null_aps_terms: (M, N) the APS terms for the same mismatched pairs.
    """

    curve: Array
    path: NDArray[np.integer[Any]]
    monotonicity: Array
    aps_terms: Array
    null_curve: Array
    null_aps_terms: Array

    def similarity_score(self, after_norm: bool = False) -> float:
        """Mean of the layer curve over layers 1..L (section 4)."""
        return float(similarity_score(layers_0_to_l(self.curve, after_norm)))

    def aps(self, after_norm: bool = False) -> float:
        """Alignment Path Score: mean of the APS terms over layers 1..L (section 5.2)."""
        return float(alignment_path_score(layers_0_to_l(self.aps_terms, after_norm)))

    def mean_monotonicity(self, after_norm: bool = False) -> float:
        """Mean of the defined monotonicities over layers 0..L; NaN if none is defined."""
        return float(mean_monotonicity(layers_0_to_l(self.monotonicity, after_norm)))

    def null_similarity_scores(self, after_norm: bool = False) -> Array:
        """(M,) the similarity score of the mismatched pairs."""
        return similarity_score(layers_0_to_l(self.null_curve, after_norm))

    def null_aps(self, after_norm: bool = False) -> Array:
        """(M,) the APS of the mismatched pairs."""
        return alignment_path_score(layers_0_to_l(self.null_aps_terms, after_norm))

    def aps_z_score(self, after_norm: bool = False) -> float | None:
        """How many standard deviations of the null the APS lies above its mean; None where that is undefined."""
        return z_score(self.aps(after_norm), self.null_aps(after_norm))
