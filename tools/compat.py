"""``make compat``: each Python that is found, with the lowest and the newest dependencies that pyproject.toml allows.

Installs the wheel with the extras app and corpus, runs some of the unit tests and ``modgap analyze``, and says for each
what came out. PyTorch may come as a CUDA build of several GB; an environment goes away once it was tried.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement

from tools.steps import StepError, expect, main_of, make_venv, run, step

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "compat"
MINORS = (11, 12, 13, 14)
EXTRAS = ("app", "corpus")
LOWEST, NEWEST = "lowest", "newest"
TESTS = (
    *("tests/unit/test_metrics.py", "tests/unit/test_lslm.py", "tests/unit/test_speech_lm.py"),
    "tests/unit/test_app.py::test_first_run_shows_an_analysed_example",
)
_BINARY = "torch,numpy,scipy,pandas,pyarrow,numba,llvmlite,tokenizers,safetensors,scikit-learn"
"""Packages that are not built here where there is no wheel."""
_TOLD = ("torch", "transformers", "numpy", "pandas", "scipy", "streamlit")
_VERSIONS = f"from importlib.metadata import version; print(*(f'{{n}} {{version(n)}}' for n in {_TOLD!r}), sep=', ')"


def main() -> None:
    """Try what is asked for, such as ``3.12 newest``; by default everything."""
    wheel, *asked = sys.argv[1:]
    minors = [minor for minor in MINORS if not asked or f"3.{minor}" in asked]
    kinds = [kind for kind in (LOWEST, NEWEST) if kind in asked] or [LOWEST, NEWEST]
    WORK.mkdir(parents=True, exist_ok=True)
    lines = [line for minor in minors for line in try_python(minor, kinds, Path(wheel).resolve())]
    print("\n| Python | dependencies | outcome |\n| --- | --- | --- |", *lines, sep="\n")
    if any("| failed" in line for line in lines):
        raise StepError("a combination fails; see above")


def try_python(minor: int, kinds: list[str], wheel: Path) -> list[str]:
    """Rows of the table for one minor release of Python."""
    found = find_python(minor)
    if found is None:
        return [f"| 3.{minor} | | not available: no Python 3.{minor} is installed here |"]
    return [f"| 3.{minor} | {kind} | {outcome(found, kind, wheel)} |" for kind in kinds]


def find_python(minor: int) -> str | None:
    """An interpreter on the PATH or among pyenv's that starts and is of this release."""
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    installed = sorted(pyenv.glob(f"versions/3.{minor}.*/bin/python"))
    for candidate in (shutil.which(f"python3.{minor}"), *map(str, installed)):
        if candidate is not None and release_of(candidate) == minor:
            return candidate
    return None


def release_of(python: str) -> int | None:
    """The minor release that it says it is; None if it does not start."""
    done = subprocess.run(
        [python, "-c", "import sys; print(sys.version_info[1])"], capture_output=True, text=True, check=False
    )
    return int(done.stdout) if done.returncode == 0 else None


def outcome(python: str, kind: str, wheel: Path) -> str:
    """What came out, as a cell."""
    venv = WORK / f"3.{release_of(python)}-{kind}"
    try:
        return tried(python, kind, wheel, venv)
    except StepError as error:
        print(error, flush=True)
        return why(str(error))
    finally:
        shutil.rmtree(venv, ignore_errors=True)


def tried(python: str, kind: str, wheel: Path, venv: Path) -> str:
    """Install, test, analyse."""
    constraints = WORK / f"{kind}.txt"
    constraints.write_text("\n".join(lowest(allowed()) if kind == LOWEST else ()) + "\n")
    with step(f"Python {venv.name}: install (minutes; PyTorch may be a CUDA build)"):
        inside = make_venv(python, venv)
        what = [f"{wheel}[{','.join(EXTRAS)}]", *(f"{name}=={version(name)}" for name in ("pytest", "scikit-learn"))]
        pip: list[str | Path] = [
            inside,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-compile",
            "--disable-pip-version-check",
        ]
        run([*pip, "--only-binary", _BINARY, "-c", constraints, *what], WORK)
    with step("unit tests"):
        said = run([inside, "-m", "pytest", "-p", "no:cacheprovider", "--color", "no", *TESTS], ROOT)
    passed = re.search(r"\d+ passed", said)
    with step("modgap analyze"):
        clip = ["shipped:examples/01-right.flac", "--text", "which number comes after sixteen"]
        said = run([inside.with_name("modgap"), "analyze", *clip, "--out", venv / "result"], venv)
        expect(said, "after sixteen comes seventeen")
    return f"{passed.group() if passed else 'passed'}: {run([inside, '-c', _VERSIONS], venv).strip()}"


def allowed() -> list[Requirement]:
    """The dependencies of the core and of the extras that are installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = (line for extra in EXTRAS for line in project["optional-dependencies"][extra])
    return [Requirement(line) for line in (*project["dependencies"], *extras)]


def lowest(requirements: list[Requirement]) -> list[str]:
    """Each at its lower bound.

    >>> lowest([Requirement("numpy>=2.1,<3")])
    ['numpy==2.1']
    """
    return [f"{one.name}=={bound.version}" for one in requirements for bound in one.specifier if bound.operator == ">="]


def why(error: str) -> str:
    r"""Not available where pip has no wheel, else failed; with pip's or pytest's line.

    >>> why("pip ended with 1, not 0:\nERROR: No matching distribution found for torch==2.11")
    'not available: No matching distribution found for torch==2.11'
    """
    lines = error.strip().splitlines()
    if absent := [
        line for line in lines if "No matching distribution" in line or "requires a different Python" in line
    ]:
        return f"not available: {absent[-1].removeprefix('ERROR: ')}"
    return f"failed: {lines[-1][:150]}"


if __name__ == "__main__":
    main_of(main)
