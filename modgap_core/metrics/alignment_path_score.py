"""Alignment Path Score, APS (paper, section 5.2)."""

from __future__ import annotations

import torch

from modgap_core.metrics.alignment_path import path_values
from modgap_core.metrics.layers import Values


def aps_terms(values: torch.Tensor, path: torch.Tensor) -> torch.Tensor:
    """The term of each layer: 1/Tt sum_j A_l[i*_j, j].

    Args:
        values: (..., Ts, Tt) A_l.
        path: (..., Tt) alignment path of the same layer.

    Returns:
        (...,); text tokens without a partner are left out, NaN (undefined) if none is left.
    """
    return path_values(values, path).nanmean(-1)


def alignment_path_score(terms: Values) -> Values:
    """APS = 1/L sum_{l=1..L} of the terms; layer 0 is the LLM input and not part of it.

    Args:
        terms: (..., L + 1) of layers 0..L.

    Returns:
        (...,); for cosine higher is better, for distance lower is better.

    Example:
        >>> alignment_path_score(torch.tensor([9.0, 0.25, 0.75]))
        tensor(0.5000)
    """
    return terms[..., 1:].mean(-1)
