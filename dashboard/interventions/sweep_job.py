"""A sweep that computes in a thread of its own, so that the page can ask how far it is and stop it; no streamlit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

from modgap_core.errors import ModGapError

if TYPE_CHECKING:
    from modgap_core.interventions.condition import Condition

    Compute = Callable[[Sequence[Condition], Callable[[], bool]], Iterator[list[float]]]
    """Yields the values of the next settings, in order, until the function that it is given says True."""

UNWATCHED_S = 180.0
"""A browser that was closed asks no more; one that shows another tab asks about once a minute."""


class SweepJob:
    """One sweep of one visitor.

    Attributes:
        owner: names the page's input; with another input the job is not wanted any more.
        conditions: the settings.
        known: log-probabilities by setting, kept whatever becomes of the job.
        error: a sentence, where it broke off.
    """

    def __init__(
        self, owner: Hashable, conditions: Sequence[Condition], known: dict[Condition, float], compute: Compute
    ) -> None:
        self.owner = owner
        self.conditions = tuple(conditions)
        self.known = known
        self.error = ""
        self._compute = compute
        self._cancelled = threading.Event()
        self._watched_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="modgap-sweep", daemon=True)

    def start(self) -> None:
        """Begin to compute what is not known yet."""
        self._thread.start()

    def cancel(self) -> None:
        """Stop after the batch that is being computed."""
        self._cancelled.set()

    def keep_only_for(self, owner: Hashable) -> None:
        """Stop it where the page was left (None) or has another input."""
        if owner != self.owner:
            self.cancel()

    def watch(self) -> None:
        """Say that somebody still looks."""
        self._watched_at = time.monotonic()

    def wait(self, timeout_s: float) -> None:
        """Wait for the end."""
        self._thread.join(timeout_s)

    @property
    def running(self) -> bool:
        """Whether it computes."""
        return self._thread.is_alive()

    @property
    def cancelled(self) -> bool:
        """Whether it was told to stop."""
        return self._cancelled.is_set()

    @property
    def n_done(self) -> int:
        """How many of its settings are known."""
        return sum(condition in self.known for condition in self.conditions)

    def _stopped(self) -> bool:
        return self.cancelled or time.monotonic() - self._watched_at > UNWATCHED_S

    def _run(self) -> None:
        missing = [condition for condition in self.conditions if condition not in self.known]
        todo = iter(missing)
        try:
            for values in self._compute(missing, self._stopped):
                self.known.update((condition, value) for value, condition in zip(values, todo, strict=False))
        except ModGapError as error:
            self.error = str(error)
        except Exception as error:  # a thread has no caller that would see it; the page shows it
            self.error = f"The sweep broke off ({type(error).__name__}: {error}); what was computed until then is kept."
