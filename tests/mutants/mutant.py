"""One deliberate fault: a place in the code, what stands there instead, and the test that must notice."""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("mutants.toml")


class MutantError(Exception):
    """A line of the list does not fit the code."""


@dataclass(frozen=True)
class Mutant:
    """A line of the list.

    Attributes:
        file: of the package, from the root of the repository.
        old: text that stands in the file once.
        new: what stands there instead.
        breaks: what is wrong then, in words.
        test: node ids of pytest, separated by blanks.
    """

    file: str
    old: str
    new: str
    breaks: str
    test: str

    @property
    def module(self) -> str:
        """Dotted name of the file.

        >>> Mutant("modgap_core/metrics/layers.py", "", "", "", "").module
        'modgap_core.metrics.layers'
        """
        return self.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def tests(self) -> list[str]:
        """Node ids."""
        return self.test.split()

    def source(self) -> str:
        """The whole file with the fault in it.

        Raises:
            MutantError: the old text does not stand there once, or the new one makes no other program.
        """
        plain = (ROOT / self.file).read_text(encoding="utf-8")
        if (n := plain.count(self.old)) != 1:
            raise MutantError(f"{self.file}: {self.old!r} stands there {n} times; give a text that stands there once.")
        changed = plain.replace(self.old, self.new)
        try:
            same = ast.dump(ast.parse(changed)) == ast.dump(ast.parse(plain))
        except SyntaxError as error:
            raise MutantError(f"{self.file}: with {self.new!r} it is no Python ({error.msg}).") from error
        if same:
            raise MutantError(f"{self.file}: with {self.new!r} the program is the same.")
        return changed


def read_mutants(path: Path = LIST) -> list[Mutant]:
    """The list, in its order."""
    return [Mutant(**line) for line in tomllib.loads(path.read_text(encoding="utf-8"))["mutants"]]
