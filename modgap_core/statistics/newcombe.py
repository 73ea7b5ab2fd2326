"""Newcombe's interval for the difference of two paired proportions, where a bootstrap has no width."""

from __future__ import annotations

import math

from scipy.stats import norm

from modgap_core.statistics.interval import Interval, StatisticsError


def newcombe_paired(both: float, only_a: float, only_b: float, neither: float, level: float = 0.95) -> Interval:
    """Score interval of the proportion of a less that of b on the same items (Newcombe 1998, method 10).

    The counts may be fractions: under clusters they are scaled to the effective number of items.

    Args:
        both: items right under a and b.
        only_a: right under a alone.
        only_b: right under b alone.
        neither: wrong under both.
        level: share of repetitions whose interval holds the truth.

    Returns:
        As fractions, -1..1.

    Raises:
        StatisticsError: a negative count, or none at all.

    Example:
        >>> found = newcombe_paired(20, 12, 2, 16)
        >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
        (0.2, 0.0562, 0.3292)
    """
    n = both + only_a + only_b + neither
    if min(both, only_a, only_b, neither) < 0 or n <= 0:
        raise StatisticsError(
            f"The counts {both:g}, {only_a:g}, {only_b:g}, {neither:g} are no table of paired answers; none may be "
            "negative, and at least one item must be counted."
        )
    z = float(norm.ppf((1 + level) / 2))
    a, b = (both + only_a) / n, (both + only_b) / n
    (low_a, high_a), (low_b, high_b) = _wilson(a, n, z), _wilson(b, n, z)
    phi = _phi(both, only_a, only_b, neither)
    below = (a - low_a) ** 2 - 2 * phi * (a - low_a) * (high_b - b) + (high_b - b) ** 2
    above = (b - low_b) ** 2 - 2 * phi * (b - low_b) * (high_a - a) + (high_a - a) ** 2
    return Interval(a - b, a - b - math.sqrt(max(0.0, below)), a - b + math.sqrt(max(0.0, above)))


def _wilson(share: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's score interval of one proportion."""
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def _phi(both: float, only_a: float, only_b: float, neither: float) -> float:
    """Correlation of the two answers, with Newcombe's continuity correction where it is positive."""
    margins = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    if margins == 0:
        return 0.0
    above = both * neither - only_a * only_b
    corrected = max(above - (both + only_a + only_b + neither) / 2, 0.0) if above > 0 else above
    return corrected / math.sqrt(margins)
