"""Apply every fault of the list and demand that its test notices: `python -m tests.mutants [WORD ...]`.

With words, only faults whose line holds one of them. The code on the disk is never touched.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from tests.mutants.mutant import Mutant, MutantError, read_mutants
from tests.mutants.trial import run_tests

_SLOW_TO_IMPORT = (
    "torch",
    "transformers",
    "transformers.models.auto.modeling_auto",
    "transformers.models.qwen2.modeling_qwen2",
    "transformers.models.whisper.modeling_whisper",
    "transformers.generation.utils",
    "peft",
    "pandas",
    "pyarrow.parquet",
    "scipy.stats",
    "sklearn.linear_model",
    "sklearn.metrics",
    "statsmodels.api",
    "soundfile",
    "plotly.subplots",
    "streamlit",
)
"""Once here instead of once a fault; nothing of ours."""


def main(words: list[str]) -> int:
    """The exit status: 0 where every fault was noticed."""
    mutants = [m for m in read_mutants() if not words or any(word in repr(m) for word in words)]
    if not mutants:
        print(f"No line of the list holds {' or '.join(words)}.")
        return 1
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["HF_HUB_OFFLINE"] = "1"
    sys.dont_write_bytecode = True
    for name in _SLOW_TO_IMPORT:
        import_module(name)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "pytest.log"
        if not _pass_as_they_are(mutants, log):
            return 1
        n_caught = sum(_is_caught(mutant, log) for mutant in mutants)
    minutes = (time.monotonic() - began) / 60
    print(f"{n_caught} of {len(mutants)} faults noticed, {minutes:.1f} minutes")
    return int(n_caught < len(mutants))


def _pass_as_they_are(mutants: list[Mutant], log: Path) -> bool:
    """Whether all named tests run and pass on the code as it is; a test that fails anyway notices nothing."""
    tests = list(dict.fromkeys(test for mutant in mutants for test in mutant.tests))
    found = run_tests(tests, None, log)
    failed = {**found.asserted, **found.broke}
    for name, said in failed.items():
        print(f"fails without any fault: {name}: {said}")
    for name in found.skipped:
        print(f"skips, so that it would notice nothing: {name}")
    if failed:
        print(log.read_text(encoding="utf-8")[-4000:])
    unseen = [test for test in tests if not any(name.split("[")[0] == test for name in found.passed)]
    for name in unseen:
        print(f"was not run: {name}")
    print(f"{len(found.passed)} tests pass on the code as it is", flush=True)
    return not failed and not found.skipped and not unseen


def _is_caught(mutant: Mutant, log: Path) -> bool:
    began = time.monotonic()
    try:
        found = run_tests(mutant.tests, mutant, log)
        caught, words = found.is_caught, found.words
    except MutantError as error:
        caught, words = False, str(error)
    took = f"{time.monotonic() - began:5.1f} s"
    print(f"{'noticed' if caught else 'MISSED '} {took}  {mutant.file}: {mutant.breaks} | {words}", flush=True)
    return caught


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
