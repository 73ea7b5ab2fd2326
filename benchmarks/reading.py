"""Reading what is there: start of `modgap show` and `report`, and the page Corpus: first view, a click, 16 models.

The page is driven without a browser; what the browser draws comes on top. Each process is fresh, its first run is left
out (files come from the disk then).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.timing import print_table

ROOT = Path(__file__).resolve().parents[1]
RUNS = 3
_PAIR = ROOT / "tests" / "data" / "format1" / "pair.zip"
_STARTS = {
    "python itself": "pass",
    "import of what modgap show needs for a run (goal 2 s)": "import modgap_core.cli.print_run",
    "import of what modgap report needs (goal 2 s)": "import modgap_core.report, modgap_core.plots.of_runs",
    "from modgap_core import load_result": "from modgap_core import load_result",
    "modgap show of a pair": f"from modgap_core.cli.command_line import main; main(['show', {str(_PAIR)!r}])",
    "modgap show of the shipped run (360 items, 12 interventions), tables included": (
        "from modgap_core.cli.command_line import main; main(['show', 'shipped:runs/modgap-mini'])"
    ),
}
_CHECKPOINTS = ["modgap-mini-transcribing", "modgap-mini-answering"]


def started_s(code: str) -> float:
    """Median seconds of a fresh process."""
    seconds = []
    for _ in range(RUNS + 1):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds[1:])


def page() -> None:
    """In a fresh process: print the seconds of each step on the page Corpus."""
    from streamlit.testing.v1 import AppTest

    import modgap_core.models.load  # noqa: F401 - torch is there already when a visitor comes from One pair

    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=300).run()

    def timed(step: Callable[[], object]) -> float:
        begun = time.perf_counter()
        step()
        return time.perf_counter() - begun

    def click() -> object:
        return app.selectbox(key="modgap-mini_filter").set_value("task").run()

    steps: list[Callable[[], object]] = [
        lambda: app.switch_page("corpus/page.py").run(),
        click,
        lambda: app.multiselect(key="runs").set_value(_CHECKPOINTS).run(),
        lambda: app.selectbox(key="corpus_by").set_value("stage").run(),
    ]
    print(*(timed(step) for step in steps))


def page_s() -> list[float]:
    """Median seconds of: first view, a click, the first view of 16 models, a click there."""
    code = "from benchmarks.reading import page; page()"
    rows = []
    for _ in range(RUNS):
        done = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
        rows.append([float(value) for value in done.stdout.splitlines()[-1].split()])
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def main() -> None:
    """Print the figures."""
    rows = {name: f"{started_s(code):.2f} s" for name, code in _STARTS.items()}
    first, click, many, click_of_many = page_s()
    rows |= {
        "page Corpus, shipped run: first view (goal 2 s); a click (goal 0.5 s)": f"{first:.2f}; {click:.2f} s",
        "page Corpus, 16 models: first view; a click (goal 1 s)": f"{many:.2f}; {click_of_many:.2f} s",
    }
    print_table(f"Reading, median of {RUNS}", rows)


if __name__ == "__main__":
    main()
