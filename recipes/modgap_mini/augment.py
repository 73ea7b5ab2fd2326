"""What is done to a clip before the encoder hears it: place in the window, gain, noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ

NOISE_KINDS = ("white", "pink", "babble")


def noise(
    kind: str, n: int, rng: np.random.Generator, babble: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Noise of unit power.

    Args:
        kind: ``white``, ``pink`` (power falls as 1/f) or ``babble`` (other clips, given).
        n: samples.
        rng: source of randomness.
        babble: samples of other speech for ``babble``; repeated to the length.
    """
    if kind == "babble" and babble is not None and babble.size:
        made = np.resize(babble, n).astype(np.float32)
    else:
        made = rng.standard_normal(n, dtype=np.float32)
    if kind == "pink":
        spectrum = np.fft.rfft(made)
        made = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(spectrum.size), 1)), n).astype(np.float32)
    return made / max(float(np.sqrt(np.mean(made**2))), 1e-9)


def add_noise(samples: NDArray[np.float32], made: NDArray[np.float32], snr_db: float) -> NDArray[np.float32]:
    """Add noise of unit power at a signal-to-noise ratio in dB.

    >>> x = np.ones(4, np.float32)
    >>> add_noise(x, x, 0.0)
    array([2., 2., 2., 2.], dtype=float32)
    """
    power = float(np.mean(samples**2))
    return (samples + made * np.sqrt(power / 10 ** (snr_db / 10))).astype(np.float32)  # type: ignore[no-any-return]


def augment(
    samples: NDArray[np.float32], rng: np.random.Generator, babble: NDArray[np.float32], noisy_share: float = 0.5
) -> NDArray[np.float32]:
    """Random silence at both ends (up to 0.3 s), gain, and noise at 5 to 30 dB in a share of the clips."""
    before, after = rng.integers(0, int(0.3 * SAMPLE_RATE_HZ), 2)
    placed = np.pad(samples, (before, after)) * np.float32(rng.uniform(0.3, 1.3))
    if rng.random() < noisy_share:
        kind = NOISE_KINDS[rng.integers(len(NOISE_KINDS))]
        placed = add_noise(placed, noise(kind, placed.size, rng, babble), rng.uniform(5, 30))
    return placed
