"""The waveform's outline, for drawing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def waveform_envelope(samples: NDArray[np.float32], n_columns: int) -> NDArray[np.float32]:
    """Lowest and highest sample in each of n_columns equal stretches.

    Args:
        samples: (n,) with n >= n_columns.
        n_columns: stretches.

    Returns:
        (n_columns, 2).

    Example:
        >>> waveform_envelope(np.array([0, 1, -1, 0.5], dtype=np.float32), 2).tolist()
        [[0.0, 1.0], [-1.0, 0.5]]
    """
    starts = np.linspace(0, len(samples), n_columns, endpoint=False).astype(int)
    return np.stack([np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)], axis=1)
