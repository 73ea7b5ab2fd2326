"""Results, runs, tables, figures and the report are read without torch and transformers, and start quickly for that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).parents[1] / "data" / "format1"
BLOCK = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "transformers"):
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
"""


def blocked(code: str) -> str:
    """What a program prints that cannot import torch."""
    done = subprocess.run([sys.executable, "-c", BLOCK + code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_results_tables_and_figures_need_no_torch(tmp_path: Path) -> None:
    printed = blocked(f"""
from modgap_core import load_intervention, load_result, save_result
from modgap_core.results.bundle import opened_result
with opened_result({str(DATA / "pair.zip")!r}) as folder:
    pair = load_result(folder)
with opened_result({str(DATA / "intervention.zip")!r}) as folder:
    change = load_intervention(folder)
for name in ("summary", "quantities", "layers", "paths", "answers"):
    assert len(pair.table(name))
for name in ("layer_curves", "alignment_by_layer", "matrix", "further_quantities"):
    pair.plot(name)
for name in ("edited_curves", "matrix_change", "first_token"):
    change.plot(name)
assert load_result(save_result(pair, {str(tmp_path / "again")!r})) == pair
print(round(pair.aps("cosine"), 3), "<div>" in pair._repr_html_(), "<div>" in change._repr_html_(), len(change.table()))
""")
    assert printed.split() == ["0.456", "True", "True", "14"]


def test_runs_tables_figures_and_report_need_no_torch(tmp_path: Path) -> None:
    printed = blocked(f"""
from modgap_core import open_run
from modgap_core.report import write_report
from modgap_core.corpus.read.tables import TABLES_OF_RUN
run = open_run("shipped:runs/modgap-mini")
for name in TABLES_OF_RUN:
    run.table(name)
for name in ("gap", "scores", "interventions", "corpus_layer_curves", "outcome"):
    run.plot(name)
from pathlib import Path
print(len(run.items), len(run.quantities), write_report(run, Path({str(tmp_path / "r.html")!r})).name)
""")
    assert printed.split() == ["360", str(360 * 7), "r.html"]


def test_show_and_report_start_without_torch(tmp_path: Path) -> None:
    printed = blocked(f"""
from modgap_core.cli.command_line import main
assert main(["show", "shipped:runs/modgap-mini"]) == 0
assert main(["show", {str(DATA / "pair.zip")!r}]) == 0
assert main(["list", "quantities"]) == 0
assert main(["report", "shipped:runs/modgap-mini", "--out", {str(tmp_path / "r.html")!r}]) == 0
""")
    assert "modgap-mini: 0 of 360 items failed" in printed


def test_the_page_corpus_is_drawn_without_torch() -> None:
    printed = blocked(f"""
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(ROOT / "dashboard" / "app.py")!r}, default_timeout=120).run()  # One pair needs a model
app.switch_page("corpus/page.py").run()
assert not app.exception, app.exception
print([metric.label for metric in app.metric])
""")
    assert printed.strip().endswith("['Text', 'Speech', 'GAP', 'MRR']")
