"""Ratios measured side by side: the contenders take turns, so that a drifting machine hits all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def side_by_side(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each contender in each round, after one round that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for counted in range(rounds + 1):
        for name, run in contenders.items():
            start_s = time.perf_counter()
            run()
            if counted:
                seconds[name].append(time.perf_counter() - start_s)
    return seconds


def median_ratio(numerator: list[float], denominator: list[float]) -> float:
    """Median over rounds of the ratio within a round."""
    return statistics.median(a / b for a, b in zip(numerator, denominator, strict=True))


def print_table(title: str, rows: dict[str, str]) -> None:
    """A small table in the terminal."""
    print(f"\n{title}")
    for name, value in rows.items():
        print(f"  {name:<58} {value}")
