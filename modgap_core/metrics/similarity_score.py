"""Similarity score of a model: the mean of a layer curve (paper, section 4)."""

from __future__ import annotations

from modgap_core.metrics.layers import Values


def similarity_score(curve: Values) -> Values:
    """Mean of a layer curve (..., L + 1) over layers 1..L; layer 0 is the LLM input and not part of it.

    Example:
        >>> import torch
        >>> similarity_score(torch.tensor([9.0, 0.25, 0.75]))
        tensor(0.5000)
    """
    return curve[..., 1:].mean(-1)
