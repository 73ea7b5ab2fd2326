"""The sweep's thread: it keeps what it computed, stops when it is told to, and says what broke it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from dashboard.interventions import sweep_job
from dashboard.interventions.sweep_job import SweepJob
from modgap_core.analysis.pair import as_clip
from modgap_core.errors import InterventionError
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.prepared_pair import prepare_pair
from modgap_core.interventions.sweep import BATCH, Grid, sweep
from modgap_core.models.speech_lm import SpeechLM

CONDITIONS = Grid(ks=tuple(range(1, 9))).conditions()
WAIT_S = 20.0


class Steps:
    """Two settings a batch, each batch when the test lets it."""

    def __init__(self) -> None:
        self.allowed = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)

    def __call__(self, conditions: Sequence[Condition], stopped: Callable[[], bool]) -> Iterator[list[float]]:
        for first in range(0, len(conditions), 2):
            if stopped():
                return
            self.begun.release()
            assert self.allowed.acquire(timeout=WAIT_S)
            yield [-float(first), -float(first + 1)]


def test_a_cancelled_job_keeps_its_cells_and_another_goes_on_there() -> None:
    known: dict[Condition, float] = {}
    steps = Steps()
    job = SweepJob("pair", CONDITIONS, known, steps)
    job.start()
    steps.allowed.release(2)
    for _ in range(3):
        assert steps.begun.acquire(timeout=WAIT_S)
    job.cancel()
    steps.allowed.release()  # the batch that is being computed is not thrown away
    job.wait(WAIT_S)
    assert not job.running
    assert not job.error
    assert known == {condition: -float(number) for number, condition in enumerate(CONDITIONS[:6])}
    assert job.n_done == 6
    rest = Steps()
    rest.allowed.release(len(CONDITIONS))
    later = SweepJob("pair", CONDITIONS, known, rest)
    later.start()
    later.wait(WAIT_S)
    assert later.n_done == len(CONDITIONS)
    assert known[CONDITIONS[5]] == -5
    assert known[CONDITIONS[6]] == 0  # the first of what was missing


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (InterventionError("No answer to follow."), "No answer to follow."),
        (RuntimeError("out of memory"), r"The sweep broke off (RuntimeError: out of memory); what was computed"),
    ],
)
def test_an_error_in_the_thread_becomes_a_sentence_and_cells_stay(error: Exception, sentence: str) -> None:
    def broken(conditions: Sequence[Condition], _stopped: Callable[[], bool]) -> Iterator[list[float]]:
        yield [-1.0]
        raise error

    known: dict[Condition, float] = {}
    job = SweepJob("pair", CONDITIONS, known, broken)
    job.start()
    job.wait(WAIT_S)
    assert sentence in job.error
    assert known == {CONDITIONS[0]: -1.0}


@pytest.mark.parametrize("owner", [None, "another pair"])
def test_another_page_or_input_stops_it_and_the_same_does_not(owner: str | None) -> None:
    steps = Steps()
    job = SweepJob("pair", CONDITIONS, {}, steps)
    job.start()
    job.keep_only_for("pair")
    assert not job.cancelled
    job.keep_only_for(owner)
    steps.allowed.release(1)
    job.wait(WAIT_S)
    assert not job.running
    assert job.n_done <= 2


def test_nobody_watching_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_job, "UNWATCHED_S", 0.0)
    steps = Steps()
    steps.allowed.release(len(CONDITIONS))
    job = SweepJob("pair", CONDITIONS, {}, steps)
    job.start()
    job.wait(WAIT_S)
    assert not job.running
    assert job.n_done < len(CONDITIONS)


def test_the_sweep_itself_asks_before_each_batch(tiny_models: dict[str, SpeechLM], wave: np.ndarray) -> None:
    model = tiny_models["lslm-qwen2"]
    conditions = Grid(strengths=tuple(np.linspace(0.1, 1, 8).tolist())).conditions()
    assert len(conditions) == 3 * BATCH
    asked: list[bool] = []

    def stopped() -> bool:
        asked.append(len(asked) == 2)
        return asked[-1]

    parts = list(sweep(model, prepare_pair(model, as_clip(wave), "abc"), conditions, "abc", stopped))
    assert [len(part) for part in parts] == [BATCH, BATCH]
    assert asked == [False, False, True]
