"""The list of deliberate faults fits the code, and what runs it tells noticed from broken and from missed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants.mutant import ROOT, Mutant, MutantError, read_mutants

METRICS = "tests/unit/test_metrics.py"
LAYERS = Mutant(
    file="modgap_core/metrics/layers.py",
    old="n_layers + int(after_norm)]",
    new="n_layers + 1 - int(after_norm)]",
    breaks="before and after the final norm swapped",
    test=f"{METRICS}::test_layers_0_to_l_end_before_or_after_the_final_norm",
)


@pytest.mark.parametrize("mutant", read_mutants(), ids=lambda m: f"{m.file}: {m.breaks}")
def test_every_line_of_the_list_fits_the_code(mutant: Mutant) -> None:
    assert mutant.source() != (ROOT / mutant.file).read_text(encoding="utf-8")
    assert mutant.breaks
    for test in mutant.tests:
        file, name = test.split("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), test


def test_there_are_at_least_sixty_and_none_twice() -> None:
    mutants = read_mutants()
    assert len({(m.file, m.old, m.new) for m in mutants}) == len(mutants) >= 60


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("no such line", "x", "stands there 0 times"),
        ("return", "yield", "stands there 3 times"),
        ("n_layers + int(after_norm)]", "n_layers +", "is no Python"),
        ("n_layers + int(after_norm)]", "n_layers  +  int(after_norm)]", "the program is the same"),
    ],
)
def test_a_line_that_does_not_fit_is_told(old: str, new: str, told: str) -> None:
    with pytest.raises(MutantError, match=told):
        Mutant(LAYERS.file, old, new, "", "").source()


NAME_ERROR = "n_layers + no_such_name]"
ELSEWHERE = f"{METRICS}::test_path_consistency_by_hand"
ASK = """
import torch, transformers
from pathlib import Path
from tests.mutants.mutant import Mutant
from tests.mutants.trial import run_tests
for mutant in {cases!r}:
    found = run_tests(mutant.tests, mutant, Path({log!r}))
    print(found.is_caught, found.words)
"""


@pytest.mark.slow
def test_a_fault_is_noticed_by_an_assertion_alone(tmp_path: Path) -> None:
    """In a process of its own, since a fault must be in place before anything of the package is imported."""
    plain = (ROOT / LAYERS.file).read_text(encoding="utf-8")
    cases = [LAYERS, replace(LAYERS, test=ELSEWHERE), replace(LAYERS, new=NAME_ERROR)]
    script = ASK.format(cases=cases, log=str(tmp_path / "log"))
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    told = done.stdout.splitlines()
    assert len(told) == 3, done.stderr
    assert told[0].startswith("True test_layers_0_to_l_end_before_or_after_the_final_norm: AssertionError: assert ")
    assert told[1] == "False no test failed"
    assert told[2].startswith("False broke, but no assertion failed: ")
    assert "NameError" in told[2]
    assert (ROOT / LAYERS.file).read_text(encoding="utf-8") == plain
