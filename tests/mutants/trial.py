"""Run tests in a forked process in which one module is another; the files on the disk stay as they are."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from tests.mutants.mutant import ROOT, Mutant

LONGEST_S = 300.0
_OURS = ("modgap_core", "dashboard", "tests.unit", "tests.tiny_models")


@dataclass
class Verdict:
    """What the tests said.

    Attributes:
        passed: node ids.
        asserted: node ids of tests whose own assertion failed, each with what it said.
        broke: what failed in another way (an import, a fixture, an exception on the way), each with what was raised.
        skipped: node ids.
        loaded: whether the module with the fault was loaded at all.
    """

    passed: list[str] = field(default_factory=list)
    asserted: dict[str, str] = field(default_factory=dict)
    broke: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    loaded: bool = False

    @property
    def is_caught(self) -> bool:
        """Whether a test noticed by what it asserts; a crash tells nobody what is wrong."""
        return self.loaded and bool(self.asserted)

    @property
    def words(self) -> str:
        """In one line."""
        if not self.loaded:
            return "the module was never loaded"
        for what, told in (("", self.asserted), ("broke, but no assertion failed: ", self.broke)):
            if told:
                name, said = next(iter(told.items()))
                return f"{what}{name.split('::', 1)[-1]}: {said}"
        return "no test failed" + (f" ({len(self.skipped)} skipped)" if self.skipped else "")


class _Watch:
    """A plugin of pytest that fills a verdict, and stops at the first failed assertion."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
        """Sort what a test said."""
        report = (yield).get_result()
        if report.skipped:
            self.verdict.skipped.append(item.nodeid)
        elif report.failed and call.excinfo is not None:
            said = " ".join(call.excinfo.exconly().split())[:160]
            meant = call.excinfo.errisinstance((AssertionError, pytest.fail.Exception))
            if meant and call.when == "call":
                self.verdict.asserted[item.nodeid] = said
                item.session.shouldstop = "noticed"
            else:
                self.verdict.broke[item.nodeid] = said
        elif call.when == "call":
            self.verdict.passed.append(item.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be collected has not noticed anything."""
        if report.failed:
            self.verdict.broke[report.nodeid] = report.longreprtext.splitlines()[-1][:160]


class _WithFault(SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        """Of the changed text, past every cache."""
        return compile(self._source, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self.mutant, self.source = mutant, mutant.source()

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        """The one module from the changed text."""
        if fullname != self.mutant.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or not Path(spec.origin).samefile(ROOT / self.mutant.file):
            raise ImportError(f"{fullname} does not come from this checkout.")
        spec.loader = _WithFault(fullname, spec.origin, self.source)
        return spec


def run_tests(tests: Sequence[str], mutant: Mutant | None, log: Path) -> Verdict:
    """The verdict of some tests on the code with a fault, or as it is.

    Args:
        tests: node ids.
        mutant: the fault; None for the code as it is.
        log: where what pytest prints is written.
    """
    if early := [name for name in sys.modules if name.startswith(_OURS)]:
        raise RuntimeError(f"{early[0]} was imported before the fork; a fault in it would not be seen.")
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    child = fork.Process(target=_in_child, args=(list(tests), mutant, str(log), there))
    child.start()
    there.close()
    try:
        if here.poll(LONGEST_S):
            found: Verdict = here.recv()
            return found
        return Verdict(loaded=True, broke={"": f"no end after {LONGEST_S:g} s"})
    except EOFError:
        return Verdict(loaded=True, broke={"": f"the process ended (log: {log})"})
    finally:
        child.join(5)
        child.kill()


def _in_child(tests: list[str], mutant: Mutant | None, log: str, told: Connection) -> None:
    os.chdir(ROOT)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(written, 1)
    os.dup2(written, 2)
    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))
    verdict = Verdict()
    options = ["-q", "--tb=short", "-p", "no:cacheprovider", "-p", "no:xdist"]
    code = pytest.main([*options, *tests], plugins=[_Watch(verdict)])
    verdict.loaded = mutant is None or mutant.module in sys.modules
    if not (verdict.passed or verdict.asserted or verdict.broke or verdict.skipped):
        verdict.broke[""] = f"pytest ended with {int(code)}"
    told.send(verdict)
    sys.stdout.flush()
    os._exit(0)
