"""How far a run is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class RunProgress:
    """Counts of one model's items.

    Attributes:
        total: items to do, those that were finished before included.
        done: items finished.
        failed: of those, failed ones of this process.
        before: items that were finished before this process began.
        what: what is being done.
    """

    total: int
    done: int = 0
    failed: int = 0
    before: int = 0
    what: str = ""
    _start_s: float = field(default_factory=time.perf_counter)

    def restart(self, what: str) -> None:
        """Begin to count time, when the models are loaded."""
        self.what, self._start_s = what, time.perf_counter()

    @property
    def rate(self) -> float:
        """Items a second of this process."""
        return (self.done - self.before) / max(time.perf_counter() - self._start_s, 1e-9)

    @property
    def left_s(self) -> float:
        """Seconds left at this rate; infinite before the first batch."""
        return (self.total - self.done) / self.rate if self.rate > 0 else float("inf")

    @property
    def sentence(self) -> str:
        """For a progress bar."""
        left = f", {self.left_s / 60:.1f} min left" if self.rate > 0 and self.done < self.total else ""
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.what}: {self.done} of {self.total} items, {self.rate:.1f} a second{left}{failed}"


Tell = Callable[[RunProgress], None]
"""Told after each batch."""


def nobody(_progress: RunProgress) -> None:
    """Tell nobody."""
