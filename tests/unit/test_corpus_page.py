"""The page "Corpus" and its figures, driven without a browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import linregress
from streamlit.testing.v1 import AppTest

from dashboard.corpus.cache import SHIPPED_RUNS
from modgap_core.corpus.engine.execution import Execution
from modgap_core.corpus.manifest.read import read_manifest
from modgap_core.corpus.read.model_regression import regression_words, regressions, try_regression
from modgap_core.corpus.read.scored_runs import items_of_run, scored_runs
from modgap_core.corpus.read.tables import (
    TABLES_OF_RUN,
    ScoredRun,
    alignment_table,
    answer_table,
    benchmark_table,
    gap_table,
    intervention_table,
    layer_curve_table,
    model_table,
    score_table,
)
from modgap_core.corpus.run import run_corpus
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.corpus.store.run_folder import load_run
from modgap_core.plots.corpus_gap import gain_bars, gap_bars, score_bars
from modgap_core.plots.corpus_layers import corpus_layer_curves
from modgap_core.plots.corpus_regression import gap_regression, measure_by_outcome
from modgap_core.report import report_html
from modgap_core.shipped import shipped_path

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = shipped_path("mini-corpus/manifest.csv")
PAPER = ROOT / "tests" / "data" / "paper_gap_by_checkpoint.csv"
SETTINGS = CorpusSettings(max_new_tokens=12, n_null=2, batch_size=4)


@pytest.fixture(scope="module")
def shipped() -> ScoredRun:
    (run,) = scored_runs(load_run(SHIPPED_RUNS / "modgap-mini"))
    return run


def page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=120).run()
    return app.switch_page("corpus/page.py").run()


EXPANDERS = ("gap_numbers", "decomposition", "agreement", "scorers", "downloads")
OF_MODEL = ("gain_numbers", "correlations", "slice_numbers")


def opened(app: AppTest, model: str) -> AppTest:
    """With every expander open, so that what is in them is drawn too."""
    keys = [*(f"corpus_{name}" for name in EXPANDERS), *(f"{model}_{name}" for name in OF_MODEL)]
    for key in keys:
        app.session_state[key] = True
    return app.run()


def test_the_shipped_run_is_that_of_the_shipped_corpus_and_model(shipped: ScoredRun) -> None:
    from modgap_core.models.content_hash import content_hash
    from modgap_core.models.load import MINI

    run = load_run(SHIPPED_RUNS / "modgap-mini")
    assert len(items_of_run(run)) == run.n_items == len(shipped.results.items) >= 300
    assert run.models[0].info["provenance"]["model_hash"] == content_hash(MINI)
    assert set(shipped.wide.voices) == {"known", "unknown"}
    assert set(shipped.wide.task) == {"qa", "mcq"}
    assert shipped.wide.snr_db.nunique() == 5


def test_the_page_shows_the_numbers_of_the_run(shipped: ScoredRun) -> None:
    app = page()
    assert not app.exception
    last = gap_table(shipped).iloc[-1]
    shown = {metric.label: float(metric.value) for metric in app.metric}
    assert shown == {
        "Text": pytest.approx(last.text, abs=0.05),
        "Speech": pytest.approx(last.speech, abs=0.05),
        "GAP": pytest.approx(last.gap, abs=0.05),
        "MRR": pytest.approx(last.mrr, abs=0.05),
    }
    app.toggle(key="modgap-mini_only").set_value(True).run()
    assert not app.exception
    closed = len(app.dataframe)
    opened(app, "modgap-mini")
    assert not app.exception
    assert len(app.dataframe) == closed + 8  # six expanders hold a table, one holds two
    assert {button.label for button in app.get("download_button")} >= {"Report (one HTML file)"}


def test_runs_beside_each_other_and_one_in_progress(tmp_path: Path) -> None:
    manifest = read_manifest(MANIFEST).first(8)
    run_corpus(manifest, [None], tmp_path / "whole", SETTINGS, tags={"tuning": "lora"})
    run_corpus(manifest, [None], tmp_path / "half", SETTINGS, Execution(part=(1, 2)), tags={"tuning": "full"})
    app = page()
    app.text_input(key="runs_folder").set_value(str(tmp_path)).run()
    app.multiselect(key="runs").set_value(["half", "whole"]).run()
    assert not app.exception
    assert any("A run is in progress" in info.value for info in app.info)
    assert not opened(app, "whole: modgap-mini").exception
    assert app.selectbox(key="corpus_model").options == ["half: modgap-mini", "whole: modgap-mini"]
    captions = [caption.value.replace("\\", "") for caption in app.caption]
    assert any("at least 3 with both values, but 1 came" in caption for caption in captions)
    app.selectbox(key="corpus_by").set_value("tuning").run()
    assert any(caption.value.replace("\\", "").startswith("lora: ") for caption in app.caption)
    app.text_input(key="runs_folder").set_value(str(tmp_path / "none")).run()
    assert "There is no folder 'none'" in app.error[0].value.replace("\\", "")


def test_the_shipped_checkpoints_are_regressed_by_stage() -> None:
    app = page()
    assert any("modgap-mini-transcribing" in info.value.replace("\\", "") for info in app.info)
    app.multiselect(key="runs").set_value(["modgap-mini-transcribing", "modgap-mini-answering"]).run()
    assert not app.exception
    runs = [run for name in app.multiselect(key="runs").value for run in scored_runs(load_run(SHIPPED_RUNS / name))]
    table = model_table(runs)
    assert list(app.selectbox(key="corpus_model").options) == list(table.model)
    assert table.gap.is_monotonic_decreasing or table.gap.diff().max() < 5  # the gap closes as training goes on
    app.selectbox(key="corpus_by").set_value("stage").run()
    told = [caption.value.replace("\\", "") for caption in app.caption]
    for stage, part in table.groupby("stage"):
        slope = linregress(part.aps_cosine, part.gap).slope
        assert any(t.startswith(f"{stage}: GAP changes by {slope:.3g} points per unit") for t in told)
    curves = corpus_layer_curves([layer_curve_table(run) for run in runs])
    assert len(curves.data) == 2 * len(runs)
    assert "GAP against alignment, over models" in report_html(runs)


def test_broken_and_equally_named_runs(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED_RUNS / "modgap-mini", tmp_path / "modgap-mini")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")
    app = page()
    app.text_input(key="runs_folder").set_value(str(tmp_path)).run()
    assert not app.exception
    assert f"{tmp_path.name}/modgap-mini" in app.multiselect(key="runs").options
    assert "broken: The file broken/run.json of the run cannot be read" in app.warning[0].value.replace("\\", "")


def test_every_answer_of_an_item_with_what_decided(shipped: ScoredRun) -> None:
    table = answer_table(shipped, 0)
    assert list(table.columns) == ["condition", "answer", "scorer", "score", "rule"]
    assert list(table.condition[: len(shipped.conditions)]) == shipped.conditions
    scores = shipped.results.scores
    assert len(table) == (scores.row == 0).sum()
    assert table.score.sum() == scores[scores.row == 0].value.sum()


def test_a_run_without_references_still_shows_its_alignment(tmp_path: Path) -> None:
    table = pd.read_csv(MANIFEST)[["id", "audio", "transcript"]].head(4)
    table["audio"] = [str(MANIFEST.parent / name) for name in table.audio]
    table.to_csv(tmp_path / "pairs.csv", index=False)
    run = run_corpus(read_manifest(tmp_path / "pairs.csv"), [None], tmp_path / "run", SETTINGS)
    (scored,) = scored_runs(run)
    for build in TABLES_OF_RUN.values():
        build(scored)
    assert score_table(scored).empty
    assert gap_table(scored).empty
    assert list(alignment_table(scored).n) == [4, 0, 0, 0]
    assert "ModGap: corpus report" in report_html([scored])
    app = page()
    app.text_input(key="runs_folder").set_value(str(tmp_path / "run")).run()
    app.multiselect(key="runs").set_value(["run"]).run()
    assert not app.exception
    assert any("there is no GAP; give reference and task" in info.value.replace("\\", "") for info in app.info)
    assert not opened(app, "modgap-mini").exception


def test_figures_draw_the_numbers_of_their_tables(shipped: ScoredRun) -> None:
    gaps = gap_table(shipped)
    bars = gap_bars(gaps, "task").data[0]
    np.testing.assert_allclose(sorted(bars.x), sorted(gaps.gap))
    np.testing.assert_allclose(np.array(bars.error_x.array) + bars.x, gaps.gap_high[::-1])
    curve = layer_curve_table(shipped)
    figure = corpus_layer_curves([curve])
    np.testing.assert_allclose(figure.data[2].y, curve.cosine[:-1])
    gains = intervention_table(shipped)
    np.testing.assert_allclose(gain_bars(gains[gains.task == "qa"]).data[0].x[::-1], gains[gains.task == "qa"].gain)
    assert len(score_bars(score_table(shipped)).data[0].x) == len(score_table(shipped))
    boxes = measure_by_outcome(shipped.wide, "aps_cosine").data
    assert sum(len(box.x) for box in boxes) == int((shipped.wide["text"] >= 0.5).sum())


def test_regression_on_the_papers_checkpoints() -> None:
    """GAP on the speech score of the published table: the line and its words come from the same numbers."""
    paper = pd.read_csv(PAPER)
    table = pd.DataFrame({"model": paper.model, "gap": paper.gap, "aps_cosine": paper.speech_overall, "same_as": ""})
    found, why_not = try_regression(table, "aps_cosine")
    assert found is not None
    assert why_not == ""
    assert f"n = {len(paper)}" in regression_words(found)
    line = gap_regression(table, "aps_cosine", {"all": found}).data[1]
    np.testing.assert_allclose(np.diff(line.y) / np.diff(line.x), found.slope)
    apart = regressions(table.assign(tuning=paper.strategy), "aps_cosine", "tuning")
    assert set(apart) == set(paper.strategy)
    one = paper[paper.strategy == "lora"]
    alone = linregress(one.speech_overall, one.gap)
    fit, _ = apart["lora"]
    assert fit is not None
    assert fit.slope == pytest.approx(alone.slope)
    assert fit.r_squared.value == pytest.approx(alone.rvalue**2)
    drawn = gap_regression(
        table.assign(tuning=paper.strategy), "aps_cosine", {k: f for k, (f, _) in apart.items()}, "tuning"
    )
    assert len(drawn.data) == 2 * len(apart)
    none, sentence = try_regression(table[:2], "aps_cosine")
    assert none is None
    assert "2 came" in sentence


def test_benchmark_table_has_the_form_of_the_papers(shipped: ScoredRun) -> None:
    table = benchmark_table([shipped])
    assert list(table.condition) == ["text", "speech", "pipeline", "text_backbone", "pipeline_backbone"]
    assert list(table.columns)[2:] == ["score mcq", "score qa", "score overall"]


def test_the_report_escapes_what_a_manifest_says(shipped: ScoredRun) -> None:
    from dataclasses import replace

    items = shipped.results.items.assign(transcript="<script>alert(1)</script>")
    evil = replace(shipped, model="<img src=x>", results=replace(shipped.results, items=items))
    page_of = report_html([evil])
    assert "<script>alert" not in page_of
    assert "<h2>&lt;img src=x&gt;</h2>" in page_of
