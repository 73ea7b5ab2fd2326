"""Paths: which speech token each text token is aligned with (paper, section 5.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modgap_core.registry import Registry, deferred

if TYPE_CHECKING:
    import torch

    from modgap_core.metrics.similarity import Similarity

NO_PARTNER = -1
"""In a path: the text token has no defined similarity to any speech token."""
DEFAULT_PATH = "argmax"
"""The paper's; it is left out of the names of columns."""


_MEAN_OVER_PATH = deferred("modgap_core.metrics.alignment_path_score:terms_of_path")


@dataclass(frozen=True)
class PathFinder:
    """A way to read an alignment path off a similarity matrix, declared once.

    Attributes:
        name: the key in results, files and on the command line.
        title: for people.
        sentence: what it does, for people.
        source: where it comes from.
        find: A_l (..., Ts, Tt) and the similarity function to the path (..., Tt), `NO_PARTNER` where a text token has
            none. Cells that are undefined, or padding behind the last token, are NaN.
        terms: A_l, the path and the similarity function to the term of the score, (...,): what one layer adds to the
            APS. By default the mean of A_l over the path.
        quick_terms: the same from A_l alone where no path is wanted, as for the null reference; None where there is no
            quicker way than by the path.
    """

    name: str
    title: str
    sentence: str
    source: str
    find: Callable[[torch.Tensor, Similarity], torch.Tensor]
    terms: Callable[[torch.Tensor, torch.Tensor, Similarity], torch.Tensor] = _MEAN_OVER_PATH
    quick_terms: Callable[[torch.Tensor, Similarity], torch.Tensor] | None = None

    def __str__(self) -> str:
        return self.name


PATHS: Registry[PathFinder] = Registry(
    "path", "modgap.paths", {DEFAULT_PATH: "modgap_core.metrics.alignment_path:ARGMAX"}, PathFinder
)
