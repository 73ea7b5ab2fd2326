"""Steps of a longer check, each told with its time."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_SHOWN_LINES = 25


class StepError(RuntimeError):
    """A command of a step ended badly, or said something else than it should."""


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is done, then how long it took."""
    print(f"* {what} ...", flush=True)
    begun_s = time.monotonic()
    yield
    print(f"  done in {time.monotonic() - begun_s:.0f} s", flush=True)


def run(command: Sequence[str | Path], cwd: Path, env: dict[str, str] | None = None, status: int = 0) -> str:
    """Run a program in a folder.

    Args:
        command: its name and arguments.
        cwd: the folder.
        env: the whole environment; by default this process's.
        status: that it must end with.

    Returns:
        What it printed, on both streams.

    Raises:
        StepError: it ended otherwise; its last lines are told.
    """
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != status:
        last = "\n".join(done.stdout.strip().splitlines()[-_SHOWN_LINES:])
        raise StepError(f"{' '.join(words)} ended with {done.returncode}, not {status}:\n{last}")
    return done.stdout


def expect(said: str, *wanted: str) -> None:
    """Refuse an output that lacks what it should say.

    Raises:
        StepError: it does; it is told.
    """
    if missing := [words for words in wanted if words not in said]:
        raise StepError(f"{missing[0]!r} is missing in:\n{said[-2000:]}")


def make_venv(python: str | Path, folder: Path) -> Path:
    """A bare virtual environment; returns its Python."""
    run([python, "-m", "venv", "--clear", folder], cwd=folder.parent)
    return folder / "bin" / "python"


def main_of(check: object) -> None:
    """Run a check as a program: a StepError ends it with status 1 and its message."""
    try:
        check()  # type: ignore[operator]
    except StepError as error:
        sys.exit(f"FAILED: {error}")
