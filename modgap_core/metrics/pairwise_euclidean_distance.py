"""f_d between every speech token and every text token: A_l for f = d (paper, section 5.1)."""

from __future__ import annotations

import torch


def pairwise_euclidean_distance(speech: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    """Euclidean distance of all pairs of states, A[i, j] = |s_i - t_j|.

    The differences are formed before they are squared: the usual expansion |s|^2 + |t|^2 - 2 <s, t>
    loses all digits for long states that are near each other, which deep layers are full of.

    Args:
        speech: (..., Ts, d) states; computed in float32.
        text: (..., Tt, d) states.

    Returns:
        (..., Ts, Tt), at least 0.

    Example:
        >>> pairwise_euclidean_distance(torch.tensor([[0.0, 0.0], [3.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
        tensor([[5.],
                [4.]])
    """
    return torch.cdist(speech.float(), text.float(), compute_mode="donot_use_mm_for_euclid_dist")
