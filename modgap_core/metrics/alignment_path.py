"""The alignment path: for each text token its best speech token (paper, section 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modgap_core.metrics.path import DEFAULT_PATH, NO_PARTNER, PathFinder
from modgap_core.metrics.similarity import Similarity, as_similarity

if TYPE_CHECKING:
    import torch


def alignment_path(values: torch.Tensor, function: Similarity | str) -> torch.Tensor:
    """i*_j = argmax_i A[i, j] for cosine, argmin_i for distance.

    Undefined cells are never chosen; of equal values the earliest speech token is.

    Args:
        values: (..., Ts, Tt) A_l.
        function: the similarity function, which says which end is best.

    Returns:
        (..., Tt) speech token of each text token, `NO_PARTNER` where the whole column is undefined.

    Example:
        >>> import torch
        >>> alignment_path(torch.tensor([[0.1, 0.9], [0.8, 0.2]]), "cosine")
        tensor([1, 0])
    """
    function, undefined = as_similarity(function), values.isnan()
    filled = values.masked_fill(undefined, function.worst)
    best = filled.max(-2) if function.higher_is_better else filled.min(-2)
    # torch.max and min do not promise the first of equal values; argmax over booleans does.
    first = (filled == best.values.unsqueeze(-2)).int().argmax(-2)
    return first.masked_fill(undefined.all(-2), NO_PARTNER)


def path_values(values: torch.Tensor, path: torch.Tensor) -> torch.Tensor:
    """A[i*_j, j], the value at the path.

    Args:
        values: (..., Ts, Tt) A_l.
        path: (..., Tt) from `alignment_path`.

    Returns:
        (..., Tt); NaN where the text token has no partner.
    """
    at_path = values.gather(-2, path.clamp(min=0).unsqueeze(-2)).squeeze(-2)
    return at_path.masked_fill(path == NO_PARTNER, float("nan"))


def best_scores(values: torch.Tensor, function: Similarity | str) -> torch.Tensor:
    """APS terms of the argmax path without the path: the mean over text tokens of the best value over speech tokens.

    Args:
        values: (..., Ts, Tt) A of each pair; NaN is undefined, or padding.
        function: the similarity function, which says which end is best.

    Returns:
        (...,) APS terms.

    Example:
        >>> import torch
        >>> best_scores(torch.tensor([[0.1, 0.9], [0.8, 0.2]]), "cosine")
        tensor(0.8500)
    """
    function = as_similarity(function)
    filled = values.masked_fill(values.isnan(), function.worst)
    best = filled.amax(-2) if function.higher_is_better else filled.amin(-2)
    counted = best.isfinite()
    return best.masked_fill(~counted, 0).sum(-1) / counted.sum(-1)


ARGMAX = PathFinder(
    name=DEFAULT_PATH,
    title="argmax (the paper's)",
    sentence="Each text token goes to its best speech token; nothing makes the path run forward in time.",
    source="paper, section 5.1",
    find=alignment_path,
    quick_terms=best_scores,
)
