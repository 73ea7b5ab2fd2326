"""Results and runs of ModGap 0.1 still open, with the numbers that 0.1 read out of them (tests/data/format1)."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from modgap_core.cli import command_line
from modgap_core.corpus.read.opened_run import Run, open_run
from modgap_core.corpus.store.shard import write_tables
from modgap_core.interventions.outcome import InterventionResult
from modgap_core.interventions.store import load_intervention, save_intervention
from modgap_core.metrics import Measures
from modgap_core.report import report_html
from modgap_core.results.bundle import opened_result
from modgap_core.results.pair_result import PairResult
from modgap_core.results.store import load_result, read_format, save_result

DATA = Path(__file__).parents[1] / "data" / "format1"
EXPECTED = json.loads((DATA / "expected.json").read_text())
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pair() -> PairResult:
    with opened_result(DATA / "pair.zip") as folder:
        assert read_format(folder) == "modgap-pair-1"
        return load_result(folder)


@pytest.fixture(scope="module")
def intervention() -> InterventionResult:
    with opened_result(DATA / "intervention.zip") as folder:
        assert read_format(folder) == "modgap-intervention-1"
        return load_intervention(folder)


@pytest.fixture(scope="module")
def run() -> Run:
    found = open_run(DATA / "run")
    assert found.header["format"] == "modgap-corpus-1"
    return found


def test_a_pair(pair: PairResult) -> None:
    expected = EXPECTED["pair"]
    assert [pair.name, pair.transcript] == [expected["name"], expected["transcript"]]
    assert [pair.answers.speech, pair.answers.text] == expected["answers"]
    assert [token.text for token in pair.text_tokens] == expected["tokens"]
    for name in ("cosine", "euclidean"):
        assert pair.aps(name) == pytest.approx(expected[f"aps_{name}"], rel=1e-6)
        assert pair.similarity_score(name) == pytest.approx(expected[f"similarity_{name}"], rel=1e-6)
        assert pair.mean_monotonicity(name) == pytest.approx(expected[f"monotonicity_{name}"], rel=1e-6)
    assert pair.mean_path_consistency() == pytest.approx(expected["path_consistency"], rel=1e-6)
    assert pair.aps_z_score("cosine") == pytest.approx(expected["z_aps_cosine"], rel=1e-5)
    assert pair.cosine.path.tolist() == expected["path_cosine"]
    assert pair.euclidean.path.tolist() == pair.euclidean.matrix.argmin(axis=1).tolist()
    assert pair.cosine.curve.tolist() == expected["curve_cosine"]
    assert float(pair.euclidean.matrix.sum()) == pytest.approx(expected["matrix_sum"], rel=1e-6)
    assert float(pair.cosine.null_monotonicity.mean()) == pytest.approx(expected["null_monotonicity_mean"], rel=1e-5)
    summary = pair.table("summary").set_index("column").loc["cosine_similarity"]
    assert [summary.null_low, summary.null_high] == pytest.approx(
        [expected["null_low"], expected["null_high"]], rel=1e-6
    )


def test_an_intervention(intervention: InterventionResult) -> None:
    expected = EXPECTED["intervention"]
    assert [outcome.label for outcome in intervention.outcomes] == expected["labels"]
    assert [outcome.answer for outcome in intervention.outcomes] == expected["answers"]
    assert [outcome.target_logprob for outcome in intervention.outcomes] == expected["logprob"]
    assert list(intervention.table().uses) == expected["uses"]
    aps = [outcome.aps("cosine") for outcome in intervention.outcomes]
    assert math.isnan(aps[0])
    assert expected["aps_cosine"][0] is None
    assert aps[1:] == pytest.approx(expected["aps_cosine"][1:], rel=1e-6)


def test_a_run(run: Run) -> None:
    expected = EXPECTED["run"]
    (model,) = run.scored
    gap = pd.DataFrame(expected["gap"]).fillna(np.nan)
    pd.testing.assert_frame_equal(run.table("gap"), gap, check_dtype=False, check_like=True, rtol=1e-6)
    kept = pd.DataFrame(expected["interventions"])
    pd.testing.assert_frame_equal(run.table("interventions")[list(kept)], kept, check_dtype=False, rtol=1e-6)
    items = pd.DataFrame(expected["items"])
    pd.testing.assert_frame_equal(model.results.items[list(items)], items, check_dtype=False, rtol=1e-6)
    assert model.slice_columns == expected["slices"]
    assert float(run.layers.cosine.sum()) == pytest.approx(expected["layers_cosine_sum"], rel=1e-6)
    assert set(model.measures) == set(_standard_columns())
    assert set(run.quantities.column) == set(_standard_columns())


def _standard_columns() -> list[str]:
    from modgap_core.corpus.columns import Part, item_quantities

    return [name for name, column in item_quantities(Measures()).items() if column.part == Part.VALUE]


def test_what_is_saved_again_is_the_same(pair: PairResult, intervention: InterventionResult, tmp_path: Path) -> None:
    again = load_result(save_result(pair, tmp_path / "pair"))
    assert read_format(tmp_path / "pair") == "modgap-pair-2"
    assert again == pair
    assert load_intervention(save_intervention(intervention, tmp_path / "intervention")) == intervention


def test_an_old_result_is_replaced_whole(pair: PairResult, tmp_path: Path) -> None:
    import shutil

    with opened_result(DATA / "pair.zip") as folder:
        shutil.copytree(folder, tmp_path / "pair")
    (tmp_path / "pair" / "notes.txt").write_text("mine")
    save_result(pair, tmp_path / "pair")
    assert sorted(path.name for path in (tmp_path / "pair").iterdir()) == [
        *("arrays.safetensors", "notes.txt", "quantities.parquet", "result.json", "speech.wav")
    ]


def test_the_tables_of_an_old_run_are_written_as_today(run: Run, tmp_path: Path) -> None:
    from modgap_core.corpus.store.shard import read_tables

    old = run.models[0].tables()
    write_tables(tmp_path / "tables", old)
    new = read_tables(tmp_path / "tables")
    assert new == old
    np.testing.assert_array_equal(list(new.paths), list(old.paths))


def test_they_are_shown_and_reported(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for given in ("pair.zip", "intervention.zip", "run"):
        assert command_line.main(["show", str(DATA / given)]) == 0
    printed = capsys.readouterr().out
    assert "after sixteen comes seventeen" in printed
    assert "Interventions" in printed
    assert "GAP" in report_html(run.scored, run)


def test_the_app_opens_them() -> None:
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=120).run()
    app.sidebar.radio(key="input").set_value("Saved result").run()
    app.text_input(key="result_folder").set_value(str(DATA / "pair.zip")).run()
    assert not app.exception
    assert not app.error
    assert f"{EXPECTED['pair']['aps_cosine']:.3f}" in [metric.value for metric in app.metric]
    app.switch_page("corpus/page.py").run()
    app.text_input(key="runs_folder").set_value(str(DATA / "run")).run()
    app.multiselect(key="runs").set_value(["run"]).run()
    assert not app.exception
    assert f"{EXPECTED['run']['gap'][-1]['gap']:.1f}" in [metric.value for metric in app.metric]
