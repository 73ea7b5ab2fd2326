"""The paper's quantities of one similarity function, under their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modgap_core.errors import ModGapError
from modgap_core.metrics.path import NO_PARTNER

if TYPE_CHECKING:
    from modgap_core.results.measured import LayerValues, Measured

Array = NDArray[np.float32]


class SimilarityValues:
    """A look at what was `Measured` with one similarity function f and one path.

    N = L + 2 entries: layers 0..L, then layer L after the final norm. The methods take layer L before the final norm
    unless told otherwise.

    Args:
        measured: everything.
        similarity: name of f.
        path: name of the path.
    """

    def __init__(self, measured: Measured, similarity: str, path: str) -> None:
        self._measured, self.similarity, self.path_name = measured, similarity, path

    def _of(self, quantity: str) -> LayerValues:
        # the layer curve does not depend on a path
        path = "" if quantity == "similarity" else self.path_name
        return self._measured.layer_values(quantity, self.similarity, path)

    @property
    def matrix(self) -> Array:
        """(N, Ts, Tt) A_l[i, j] (paper, section 5.1).

        Raises:
            ModGapError: the matrices were not kept.
        """
        if self.similarity not in self._measured.matrices:
            raise ModGapError(f"The {self.similarity} matrices were not kept; analyse the pair by itself to see them.")
        return self._measured.matrices[self.similarity]

    @property
    def path(self) -> NDArray[np.integer[Any]]:
        """(N, Tt) i*_j, the alignment path (section 5.1)."""
        return self._measured.paths[f"{self.similarity}.{self.path_name}"]

    def path_values(self, entry: int) -> Array:
        """(Tt,) A_l[i*_j, j] of one entry; NaN without a partner."""
        path = self.path[entry]
        found = self.matrix[entry][path.clip(min=0), np.arange(path.size)]
        return np.where(path == NO_PARTNER, np.float32("nan"), found)

    @property
    def curve(self) -> Array:
        """(N,) f of the mean-pooled states, the layer curve (section 4)."""
        return self._of("similarity").values

    @property
    def null_curve(self) -> Array:
        """(M, N) the curve for M mismatched pairs."""
        return self._of("similarity").null

    @property
    def monotonicity(self) -> Array:
        """(N,) Spearman rank correlation of j and i*_j (section 5.1)."""
        return self._of("monotonicity").values

    @property
    def null_monotonicity(self) -> Array:
        """(K, N) monotonicity of the path under K random orders of its text tokens."""
        return self._of("monotonicity").null

    @property
    def aps_terms(self) -> Array:
        """(N,) mean of A over the path, the terms of the APS (section 5.2)."""
        return self._of("aps").values

    @property
    def null_aps_terms(self) -> Array:
        """(M, N) the APS terms for M mismatched pairs."""
        return self._of("aps").null

    def similarity_score(self, after_norm: bool = False) -> float:
        """Mean of the layer curve over layers 1..L (section 4)."""
        return self._of("similarity").over_layers(after_norm)

    def aps(self, after_norm: bool = False) -> float:
        """Alignment Path Score: mean of the APS terms over layers 1..L (section 5.2)."""
        return self._of("aps").over_layers(after_norm)

    def mean_monotonicity(self, after_norm: bool = False) -> float:
        """Mean of the defined monotonicities over layers 0..L; NaN if none is defined."""
        return self._of("monotonicity").over_layers(after_norm)

    def null_similarity_scores(self, after_norm: bool = False) -> Array:
        """(M,) the similarity score of the mismatched pairs."""
        return self._of("similarity").null_over_layers(after_norm)

    def null_aps(self, after_norm: bool = False) -> Array:
        """(M,) the APS of the mismatched pairs."""
        return self._of("aps").null_over_layers(after_norm)

    def null_mean_monotonicity(self, after_norm: bool = False) -> Array:
        """(K,) the mean monotonicity of the shuffled paths."""
        return self._of("monotonicity").null_over_layers(after_norm)

    def aps_z_score(self, after_norm: bool = False) -> float | None:
        """How many standard deviations of the null the APS lies above its mean; None where that is undefined."""
        return self._of("aps").z_score(after_norm)
