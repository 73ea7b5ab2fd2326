"""``make wheel-test``: the wheel alone, in a bare environment, in an empty folder.

First the core without any extra, then the app. What is installed beside it are the tried pins of requirements.txt.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.browser import ARGUMENTS, CHROMIUM, free_port
from tools.steps import StepError, expect, main_of, make_venv, run, step

ROOT = Path(__file__).resolve().parents[1]
CLIP, TEXT = "shipped:examples/01-right.flac", "which number comes after sixteen"
_START_TIMEOUT_S = 120
_THEME = "rgb(0, 114, 178)"
"""The primary colour of .streamlit/config.toml."""
_PAINTED = "c => [...document.querySelectorAll('*')].some(e => getComputedStyle(e).backgroundColor === c)"
_APP_TEST = """
from importlib.resources import files
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(str(files("dashboard") / "app.py"), default_timeout=300).run()
print("ERRORS", list(app.exception), list(app.error), "METRICS", *(metric.label for metric in app.metric))
"""


def main() -> None:
    """Run every step in a folder that goes away afterwards."""
    wheel = Path(sys.argv[1]).resolve()
    print(f"{wheel.name}: {wheel.stat().st_size / 2**20:.1f} MB", flush=True)
    with tempfile.TemporaryDirectory(prefix="modgap-wheel-") as folder:
        empty = Path(folder) / "empty"
        empty.mkdir()
        python = install(wheel, Path(folder) / "venv")
        try_core(python.with_name("modgap"), empty)
        with step("install the extra app"):
            pip_install(python, f"{wheel}[app]", empty)
        try_app(python, empty)
    print("The wheel works.")


def clean() -> dict[str, str]:
    """The environment without a way back to the checkout, and without a network for models."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return {**env, "HF_HUB_OFFLINE": "1", "STREAMLIT_SERVER_HEADLESS": "true", "COLUMNS": "200"}


def pip_install(python: Path, what: str, cwd: Path) -> None:
    """Install something, other packages in the tried versions."""
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "-c", ROOT / "requirements.txt", what], cwd, clean())


def install(wheel: Path, venv: Path) -> Path:
    """The wheel in a bare environment; returns its Python."""
    with step("install the wheel in a bare environment (1 to 3 minutes)"):
        python = make_venv(sys.executable, venv)
        pip_install(python, str(wheel), venv)
        said = run([python, "-c", "import modgap_core; print(modgap_core.__file__)"], cwd=venv, env=clean())
        expect(said, str(venv))
    return python


def try_core(modgap: Path, empty: Path) -> None:
    """Each command that needs no extra, on what ships; those that need one name it."""
    env = clean()
    with step("modgap shipped"):
        expect(run([modgap, "shipped"], empty, env), CLIP, "shipped:mini-corpus/manifest.csv")
    with step("modgap analyze"):
        said = run([modgap, "analyze", CLIP, "--text", TEXT, "--out", "result"], empty, env)
        expect(said, "after sixteen comes seventeen", "Alignment Path Score, cosine")
        expect(run([modgap, "show", "result"], empty, env), "Alignment Path Score, cosine")
    with step("modgap list"):
        expect(
            run([modgap, "list"], empty, env), "euclidean", "argmax", "other-transcript", "pip install 'modgap[app]'"
        )
    with step("modgap corpus --limit 4"):
        manifest = ["shipped:mini-corpus/manifest.csv", "--limit", "4", "--asr", "mini", "--backbone", "mini"]
        expect(run([modgap, "corpus", *manifest, "--out", "run"], empty, env), "modgap-mini", "pipeline", "Saved to")
        expect(run([modgap, "show", "shipped:runs/modgap-mini"], empty, env), "GAP")
    with step("modgap doctor"):
        expect(run([modgap, "doctor"], empty, env), "modgap-mini", "Not checked")
    with step("modgap app and report without the extra"):
        for command in (["app"], ["report", "run"]):
            expect(run([modgap, *command], empty, env, status=2), "pip install 'modgap[app]'")


def try_app(python: Path, empty: Path) -> None:
    """The report, then the first page of the app."""
    with step("modgap report"):
        run([python.with_name("modgap"), "report", "run"], empty, clean())
        expect((empty / "run" / "report.html").read_text(encoding="utf-8"), "ModGap: corpus report", "modgap-mini")
    with step("modgap app, the first page"), serving(python.with_name("modgap"), empty) as url:
        if CHROMIUM is None:
            print("  no Chromium: the page's script is run without a browser")
            expect(run([python, "-c", _APP_TEST], empty, clean()), "ERRORS [] [] METRICS APS cosine")
        else:
            look_at(url)


@contextmanager
def serving(modgap: Path, empty: Path) -> Iterator[str]:
    """``modgap app``, until it answers."""
    port = free_port()
    url = f"http://localhost:{port}"
    with (empty / "app.log").open("w") as log:
        server = subprocess.Popen(
            [modgap, "app", "--port", str(port)], cwd=empty, env=clean(), stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_for(f"{url}/_stcore/health", server, empty / "app.log")
        yield url
    finally:
        server.terminate()
        server.wait(30)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server answers.

    Raises:
        StepError: it ended, or does not answer.
    """
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise StepError(f"modgap app does not answer:\n{log.read_text()}")


def look_at(url: str) -> None:
    """The page in Chromium: the example is analysed and drawn, in the theme's colour, without an error."""
    from playwright.sync_api import expect as see
    from playwright.sync_api import sync_playwright

    see.set_options(timeout=180_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        page = browser.new_page()
        page.goto(url)
        see(page.get_by_role("heading", name="One pair")).to_be_visible()
        see(page.locator(".explorer[data-drawn=yes]")).to_be_visible()
        see(page.get_by_text(re.compile("after sixteen comes seventeen")).first).to_be_visible()
        see(page.get_by_test_id("stAlert")).to_have_count(0)
        if not page.evaluate(_PAINTED, _THEME):
            raise StepError(f"Nothing on the page is painted in the theme's colour {_THEME}.")
        browser.close()


if __name__ == "__main__":
    main_of(main)
