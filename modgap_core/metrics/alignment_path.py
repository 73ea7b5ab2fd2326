"""The alignment path: for each text token its best speech token (paper, section 5.1)."""

from __future__ import annotations

import torch

from modgap_core.metrics.metric import Metric

NO_PARTNER = -1
"""In a path: the text token has no defined similarity to any speech token."""


def alignment_path(values: torch.Tensor, metric: Metric) -> torch.Tensor:
    """i*_j = argmax_i A[i, j] for cosine, argmin_i for distance.

    Undefined cells are never chosen; of equal values the earliest speech token is.

    Args:
        values: (..., Ts, Tt) A_l.
        metric: which end is best.

    Returns:
        (..., Tt) speech token of each text token, `NO_PARTNER` where the whole column is undefined.

    Example:
        >>> alignment_path(torch.tensor([[0.1, 0.9], [0.8, 0.2]]), Metric.COSINE)
        tensor([1, 0])
    """
    undefined = values.isnan()
    worst = float("-inf") if metric.higher_is_better else float("inf")
    filled = values.masked_fill(undefined, worst)
    best = filled.max(-2) if metric.higher_is_better else filled.min(-2)
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
