"""A progress line for the recipe's long steps: done, rate, time left."""

from __future__ import annotations

import time
from typing import TypeVar

T = TypeVar("T")


class Progress:
    """Print a line every few seconds.

    Args:
        name: what is being done.
        total: how many ticks there will be.
        done: ticks of an earlier run that are not repeated.
    """

    def __init__(self, name: str, total: int, done: int = 0, every_s: float = 15.0) -> None:
        self._name, self._total, self._done = name, total, done
        self._first, self._start_s, self._every_s = done, time.monotonic(), every_s
        self._said_s = self._start_s

    def tick(self, value: T, note: str = "") -> T:
        """Count one step and hand the value through."""
        self._done += 1
        now_s = time.monotonic()
        if now_s - self._said_s >= self._every_s or self._done == self._total:
            self._said_s = now_s
            rate = (self._done - self._first) / max(now_s - self._start_s, 1e-9)
            left_min = (self._total - self._done) / max(rate, 1e-9) / 60
            print(
                f"{self._name}: {self._done}/{self._total}  {rate:.1f}/s  {left_min:.1f} min left  {note}", flush=True
            )
        return value
