"""A toy of each kind, added from outside the package (tests/toys): columns, tables, figures, page, command line follow.

The toys are found by their entry points alone, as those of any installed package; nothing here registers them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.spatial.distance import cdist
from streamlit.testing.v1 import AppTest

from modgap_core.analysis.pair import analyze_pair
from modgap_core.corpus.engine import Execution
from modgap_core.corpus.manifest.read import read_manifest
from modgap_core.corpus.read.opened_run import Run
from modgap_core.corpus.run import run_corpus
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.errors import ModGapError
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.condition_sets import CONDITION_SETS
from modgap_core.interventions.run import intervene
from modgap_core.interventions.token_choice import TokenChoice
from modgap_core.metrics import Measures
from modgap_core.models.load import load_model
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.open_points import OPEN_POINTS, registry
from modgap_core.report import report_html
from modgap_core.results.pair_result import PairResult
from modgap_core.results.store import load_result, save_result
from modgap_core.shipped import shipped_path
from tests.tiny_models import BUILDERS

ROOT = Path(__file__).resolve().parents[2]
TOYS = ROOT / "tests" / "toys"
EXAMPLE, TRANSCRIPT = shipped_path("examples/01-right.flac"), "which number comes after sixteen"
SIMILARITIES, PATHS = ("cosine", "euclidean", "manhattan"), ("argmax", "diagonal")
QUANTITIES = (
    *("similarity", "monotonicity", "path_consistency", "aps"),
    *("length_ratio", "best_value", "first_token_gap"),
)


def everything() -> Measures:
    """What ModGap and the toys measure."""
    return Measures(SIMILARITIES, PATHS, QUANTITIES)


@pytest.fixture(scope="module", autouse=True)
def toys() -> Iterator[None]:
    """The toys' folder is a place where packages lie, for this module."""
    sys.path.insert(0, str(TOYS))
    _rescan()
    yield
    sys.path.remove(str(TOYS))
    _rescan()


def _rescan() -> None:
    for word in OPEN_POINTS:
        registry(word).rescan()


def program(*arguments: str) -> subprocess.CompletedProcess[str]:
    """``modgap`` in a process of its own, where the toys are installed."""
    env = {**os.environ, "PYTHONPATH": f"{TOYS}:{ROOT}", "COLUMNS": "200", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "modgap_core.cli.command_line", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=ROOT)


@pytest.fixture(scope="module")
def pair(mini: SpeechLM) -> PairResult:
    return analyze_pair(mini, EXAMPLE, TRANSCRIPT, measures=everything())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    manifest = read_manifest(shipped_path("mini-corpus/manifest.csv")).first(6)
    settings = CorpusSettings(max_new_tokens=12, n_null=2, batch_size=4, scorers=("word_count",))
    return run_corpus(
        manifest,
        [None],
        tmp_path_factory.mktemp("toys") / "run",
        settings,
        Execution("backwards"),
        conditions=CONDITION_SETS.get("toys").conditions(),
        measures=everything(),
    )


# -- a similarity ------------------------------------------------------------------------------------------------------


def test_a_similarity_is_measured_as_by_scipy(mini: SpeechLM, pair: PairResult) -> None:
    speech, text = mini.hidden_states(EXAMPLE), mini.hidden_states(text=TRANSCRIPT)
    for entry in range(mini.n_layers + 2):
        expected = cdist(speech[entry].double(), text[entry].double(), "cityblock")
        np.testing.assert_allclose(pair.values("manhattan").matrix[entry], expected, rtol=1e-4, atol=1e-4)
        means = np.abs(speech[entry].double().mean(0) - text[entry].double().mean(0)).sum()
        assert pair.values("manhattan").curve[entry] == pytest.approx(float(means), rel=1e-4)
    # a distance: the path takes the smallest value, and the null goes the same way
    values = pair.values("manhattan")
    assert (values.path[3] == values.matrix[3].argmin(0)).all()
    assert values.null_aps().shape == (2 * 20,)
    assert pair.measured.layer_values("aps", "manhattan", "argmax").higher_is_better is False


def test_a_similarity_reaches_tables_and_figures(pair: PairResult) -> None:
    assert {"manhattan", "aps_term_manhattan", "monotonicity_manhattan"} <= set(pair.table("layers"))
    assert "manhattan_distance" in set(pair.table("summary").column)
    long = pair.table("quantities")
    mine = long[(long.quantity == "aps") & (long.similarity == "manhattan") & (long.path == "argmax")]
    (value,) = mine[(mine.level == "pair") & ~mine.after_final_norm].value
    assert value == pytest.approx(pair.aps("manhattan"))
    curves = pair.plot("layer_curves")
    drawn = [trace for trace in curves.data if trace.name == "this pair, manhattan"]
    np.testing.assert_array_equal(drawn[0].y, pair.values("manhattan").curve[pair.entries()])
    assert len({trace.line.color for trace in curves.data if str(trace.name).startswith("this pair")}) == 3
    assert pair.plot("matrix", similarity="manhattan").data[0].colorscale != pair.plot("matrix").data[0].colorscale


# -- a path ------------------------------------------------------------------------------------------------------------


def test_a_path_has_its_own_score_monotonicity_and_null(pair: PairResult) -> None:
    values = pair.values("cosine", "diagonal")
    n_text = len(pair.text_tokens)
    path = np.arange(n_text) * len(pair.speech_spans_s) // n_text
    assert (values.path == path).all()
    assert values.monotonicity == pytest.approx(1.0)
    expected = values.matrix[2][path, np.arange(n_text)].mean()
    assert values.aps_terms[2] == pytest.approx(expected, rel=1e-5)
    # the null of a path is read along that path: lower than along the best cells of the same mismatched pairs
    assert values.null_aps().mean() < pair.cosine.null_aps().mean()
    assert pair.aps("cosine", path="diagonal") < pair.aps("cosine")


def test_a_path_of_a_batch_does_not_see_the_padding(run: Run, mini: SpeechLM) -> None:
    for item in read_manifest(shipped_path("mini-corpus/manifest.csv")).items[:6]:
        alone = analyze_pair(mini, item.clip(), item.transcript, measures=everything(), null=False)
        row = run.items.set_index("id").loc[item.id]
        for name, value in (
            ("aps_euclidean", alone.aps("euclidean")),
            ("aps_cosine_diagonal", alone.aps("cosine", path="diagonal")),
            ("manhattan_distance", alone.similarity_score("manhattan")),
            ("length_ratio", alone.measured.layers["length_ratio"].over_layers()),
            ("best_value_euclidean", alone.measured.layers["best_value_euclidean"].over_layers()),
            ("first_token_gap", alone.measured.pair["first_token_gap"]),
        ):
            assert row[name] == pytest.approx(value, rel=1e-3, abs=1e-4), (item.id, name)


# -- quantities --------------------------------------------------------------------------------------------------------


def test_a_quantity_of_layers_without_a_matrix(mini: SpeechLM, pair: PairResult) -> None:
    speech, text = mini.hidden_states(EXAMPLE), mini.hidden_states(text=TRANSCRIPT)
    expected = speech.norm(dim=-1).mean(-1) / text.norm(dim=-1).mean(-1)
    found = pair.measured.layer_values("length_ratio")
    np.testing.assert_allclose(found.values, expected, rtol=1e-5)
    assert found.over_layers() == pytest.approx(float(expected[1:-1].mean()), rel=1e-5)
    assert found.null.shape == (2 * 20, mini.n_layers + 2)
    assert found.z_score() is not None
    assert [trace.name for trace in pair.plot("further_quantities").data][:2] == ["null, 5 to 95 %", "length ratio"]


def test_a_quantity_of_tokens_is_their_mean_at_each_layer(pair: PairResult) -> None:
    found = pair.measured.layer_values("best_value", "cosine")
    np.testing.assert_allclose(found.tokens, pair.cosine.matrix.max(axis=1), rtol=1e-6)
    np.testing.assert_allclose(found.values, pair.cosine.aps_terms, rtol=1e-5)
    # the mean over tokens does not depend on their order, so its shuffled null is the value itself
    np.testing.assert_allclose(found.null, np.broadcast_to(found.values, found.null.shape), rtol=1e-4)
    tokens = pair.table("quantities").query("level == 'token' and similarity == 'cosine'")
    assert len(tokens) == found.tokens.size


def test_a_quantity_of_the_pair_gets_the_logits_that_it_needs(mini: SpeechLM, pair: PairResult) -> None:
    from modgap_core.audio.load import load_audio

    speech = mini.logits(mini.encode_speech([load_audio(EXAMPLE).samples]))[0].double().softmax(-1)
    text = mini.logits(mini.encode_text([TRANSCRIPT]))[0].double().softmax(-1)
    assert pair.measured.pair["first_token_gap"] == pytest.approx(float(0.5 * (speech - text).abs().sum()), abs=1e-5)


def test_a_quantity_of_the_run_stands_in_its_tables_and_its_report(run: Run) -> None:
    table = run.table("quantities").set_index("quantity")
    assert table.value["median_duration"] == pytest.approx(run.items.duration_s.median())
    assert table.value["gap"] == pytest.approx(run.table("gap").gap.iloc[-1])
    assert "median duration" in report_html(run.scored)


def test_quantities_of_a_run_are_regressed_and_documented(run: Run) -> None:
    import pyarrow.parquet as pq

    (model,) = run.scored
    assert {"length_ratio", "best_value_cosine", "first_token_gap", "aps_manhattan_diagonal"} <= set(model.measures)
    assert "length_ratio" not in model.slice_columns
    assert set(run.table("correlation").measure) <= set(model.measures)
    assert "length_ratio" in run.table("slices")
    assert {"null_length_ratio", "z_length_ratio"} <= set(run.items)
    long = run.quantities.query("quantity == 'length_ratio'")
    np.testing.assert_array_equal(long.value, run.items.length_ratio)
    schema = pq.read_schema(run.folder / "modgap-mini" / "tables" / "items.parquet")
    assert schema.field("length_ratio").metadata[b"description"].startswith(b"length ratio, mean over layers 1..L")
    told = schema.field("z_length_ratio").metadata
    assert told[b"part"] == b"z"
    assert told[b"description"] == b"length ratio, less the null's mean, in the null's standard deviations"


def test_results_and_runs_open_where_the_package_is_gone(pair: PairResult, run: Run, tmp_path: Path) -> None:
    saved = save_result(pair, tmp_path / "pair")
    assert load_result(saved) == pair
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    code = (
        "from modgap_core import load_result, open_run\n"
        f"pair, run = load_result({str(saved)!r}), open_run({str(run.folder)!r})\n"
        "summary = pair.table('summary').set_index('column').value\n"
        "print(float(summary['length_ratio']), float(summary['first_token_gap']), pair.values('manhattan').aps())\n"
        "print(float(run.items.length_ratio.mean()), run.scored[0].slice_columns, len(pair.plot().data))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert [float(x) for x in first.split()] == pytest.approx(
        [
            pair.measured.layers["length_ratio"].over_layers(),
            pair.measured.pair["first_token_gap"],
            pair.aps("manhattan"),
        ]
    )
    assert second.startswith(str(float(run.items.length_ratio.mean())))
    assert "length_ratio" not in second


# -- edits, controls, sets of conditions -------------------------------------------------------------------------------


def test_a_method_and_a_control_do_what_they_declare(mini: SpeechLM) -> None:
    conditions = [Condition("reversed", TokenChoice(k=2)), Condition("shuffled-words", TokenChoice("all"))]
    result = intervene(mini, EXAMPLE, TRANSCRIPT, conditions)
    backwards, wrong = result.edited
    changed = [pair.speech for pair in backwards.pairs]
    before, after = result.speech.cosine.matrix[0], backwards.cosine.matrix[0]
    np.testing.assert_allclose(after[changed], -before[changed], atol=1e-5)
    kept = [i for i in range(len(before)) if i not in changed]
    np.testing.assert_allclose(after[kept], before[kept], atol=1e-6)
    right = intervene(mini, EXAMPLE, TRANSCRIPT, [Condition("angle", TokenChoice("all"))]).edited[0]
    own = {pair.speech: pair.text for pair in right.pairs}
    n = len(result.text_tokens)
    assert all(pair.text == n - 1 - own[pair.speech] for pair in wrong.pairs)
    assert list(result.table().uses) == ["", "", "nothing", "right transcript, wrong places"]


def test_any_condition_runs_over_a_corpus(run: Run) -> None:
    table = run.table("interventions")
    assert set(table.intervention) == {"reversed bottom:2", "shuffled-words all"}
    assert set(table.uses) == {"nothing", "right transcript, wrong places"}
    assert json.loads((run.folder / "run.json").read_text())["settings"]["conditions"] == [
        "reversed bottom:2",
        "shuffled-words all",
    ]


def test_a_method_that_is_not_there_or_returns_nonsense_is_an_error(mini: SpeechLM) -> None:
    from modgap_core.interventions.method import METHODS, Method

    with pytest.raises(ModGapError, match="Unknown method 'angel'; choose from angle, length"):
        Condition("angel")
    with pytest.raises(ModGapError, match=r"'broken' of modgap-toys 1\.0 cannot be loaded"):
        Condition("broken")
    METHODS.register("flat", Method("flat", "Flat", "", "", "nothing", lambda chosen: chosen.speech[0]))
    try:
        with pytest.raises(ModGapError, match="'flat' returned states of the shape"):
            intervene(mini, EXAMPLE, TRANSCRIPT, [Condition("flat")])
    finally:
        METHODS.unregister("flat")


# -- a scorer, an adapter, an engine -----------------------------------------------------------------------------------


def test_a_scorer_scores_its_tasks(run: Run, tmp_path: Path) -> None:
    from modgap_core.scoring.expected import Expected
    from modgap_core.scoring.scorers import scorers_for

    scores = run.scores.query("scorer == 'word_count'").merge(run.answers, on=["row", "condition"])
    assert len(scores)
    assert (scores.value == scores.answer.str.split().str.len().ge(3)).all()
    assert [scorer.name for scorer in scorers_for("qa", ["word_count"])][-1] == "word_count"
    assert Expected(task="chatter").score("", "one two three").is_right is True  # a task that only the toy knows
    sound = tmp_path / "a.flac"
    shutil.copy(EXAMPLE, sound)
    pd.DataFrame([{"audio": "a.flac", "transcript": "one", "task": "chatter"}]).to_csv(tmp_path / "m.csv", index=False)
    assert read_manifest(tmp_path / "m.csv").items[0].task == "chatter"


def test_an_adapter_is_found_by_the_model_type(tmp_path: Path) -> None:
    folder = BUILDERS["lslm-qwen2"](tmp_path / "toy")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "toy_lslm"}))
    model = load_model(folder)
    assert type(model.adapter).__name__ == "ToyAdapter"
    assert all(check.passed for check in model.checks)


def test_an_engine_carries_out_the_run(run: Run, tmp_path: Path) -> None:
    manifest = read_manifest(shipped_path("mini-corpus/manifest.csv")).first(6)
    settings = CorpusSettings(max_new_tokens=12, n_null=2, batch_size=4, scorers=("word_count",))
    conditions = CONDITION_SETS.get("toys").conditions()
    local = run_corpus(manifest, [None], tmp_path / "local", settings, conditions=conditions, measures=everything())
    one, other = run.models[0].tables(), local.models[0].tables()
    assert one == other
    with pytest.raises(ModGapError, match="Unknown engine 'sideways'; choose from local, ray, backwards"):
        Execution("sideways")


@pytest.mark.slow
def test_rays_workers_find_the_toys(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    code = (
        "from modgap_core import Execution, Measures, CorpusSettings, Condition, run_corpus, read_manifest\n"
        "manifest = read_manifest('shipped:mini-corpus/manifest.csv').first(8)\n"
        "measures = Measures(('cosine', 'manhattan'), ('argmax', 'diagonal'), ('similarity', 'aps', 'length_ratio'))\n"
        "settings = CorpusSettings(max_new_tokens=4, n_null=2, batch_size=4)\n"
        f"run = run_corpus(manifest, [None], {str(tmp_path / 'ray')!r}, settings, Execution('ray', workers=2),\n"
        "                 conditions=[Condition('reversed')], measures=measures)\n"
        "has = run.items.length_ratio.notna().all()\n"
        "print(len(run.items), has, 'reversed bottom:3' in set(run.answers.condition))"
    )
    env = {**os.environ, "PYTHONPATH": f"{TOYS}:{ROOT}", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env)
    assert done.stdout.split() == ["8", "True", "True"], done.stderr


# -- figures, the command line, the app --------------------------------------------------------------------------------


def test_a_figure_is_drawn_by_its_name(pair: PairResult) -> None:
    steps = np.abs(np.diff(pair.cosine.path.astype(int), axis=1)).sum(axis=1)
    assert list(pair.plot("path_lengths").data[0].y) == steps.tolist()


def test_the_command_line_lists_and_uses_them(tmp_path: Path) -> None:
    listed = program("list")
    assert listed.returncode == 0, listed.stderr
    for name in (
        *("manhattan", "diagonal", "length_ratio", "best_value", "first_token_gap", "median_duration", "reversed"),
        *("shuffled-words", "toys", "word_count", "toy_lslm", "backwards", "path_lengths", "silence_and_tone"),
        "word_list",
    ):
        assert any(name in line and "modgap-toys 1.0" in line for line in listed.stdout.splitlines()), name
    assert "NOT USABLE" in listed.stdout
    done = program(
        *("analyze", str(EXAMPLE), "--text", TRANSCRIPT, "--out", str(tmp_path / "out"), "--max-new-tokens", "4"),
        *("--similarity", "cosine", "--similarity", "manhattan", "--path", "argmax", "--path", "diagonal"),
        *("--measures", "similarity,aps,length_ratio", "--no-null"),
    )
    assert done.returncode == 0, done.stderr
    assert "length ratio" in done.stdout
    assert "aps term manhattan diagonal" in done.stdout
    wrong = program("analyze", str(EXAMPLE), "--text", "x", "--out", str(tmp_path / "no"), "--measures", "similarities")
    assert wrong.returncode == 2
    assert "Unknown quantity 'similarities'; choose from similarity, monotonicity" in wrong.stderr


def test_the_app_offers_them(tmp_path: Path) -> None:
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=120).run()
    assert not app.exception
    assert "A tone" in app.sidebar.radio(key="input").options
    assert "5 words, cosine, euclidean" in [caption.value for caption in app.caption]  # the toy panel
    app.multiselect(key="similarities").set_value(["cosine", "euclidean", "manhattan"]).run()
    app.multiselect(key="quantities").set_value(
        ["similarity", "monotonicity", "path_consistency", "aps", "length_ratio"]
    )
    app.run()
    assert not app.exception
    assert "5 words, cosine, euclidean, manhattan" in [caption.value for caption in app.caption]
    labels = [metric.label for metric in app.metric]
    assert {"length ratio", "manhattan distance", "aps manhattan"} <= set(labels)
    app.sidebar.radio(key="input").set_value("A tone").run()
    assert not app.exception
    app.switch_page("interventions/page.py").run()
    assert "Reversed" in app.selectbox(key="iv_method").options
    assert "Angle projection, words backwards (control)" in app.selectbox(key="iv_method").options
    assert "broken" not in app.selectbox(key="iv_method").options
    app.switch_page("meanings/page.py").run()
    told = " ".join(block.value for block in app.markdown).replace("\\", "")
    assert "Sum over the dimensions of how far two states lie apart. (toy)" in told
    assert "pointing the other way" in told


def test_a_panel_that_fails_leaves_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.shared.panel import PANELS, Panel

    def fail(_page: object) -> None:
        raise RuntimeError("no luck")

    PANELS.register("one_pair.luckless", Panel("one_pair.luckless", "Luckless", 1, fail))
    try:
        app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=120).run()
    finally:
        PANELS.unregister("one_pair.luckless")
    assert not app.exception
    assert "The panel 'Luckless' of this program failed (RuntimeError: no luck)" in app.error[0].value.replace("\\", "")
    assert len(app.metric) >= 5


# -- a default run does not depend on what is installed ----------------------------------------------------------------


def test_what_is_installed_changes_no_default(mini: SpeechLM) -> None:
    standard = Measures()
    assert standard.similarities == ("cosine", "euclidean")
    assert standard.paths == ("argmax",)
    assert standard.quantities == ("similarity", "monotonicity", "path_consistency", "aps")
    assert Measures.parse("default,length_ratio").quantities == (*standard.quantities, "length_ratio")
    assert set(Measures.parse("all").quantities) >= {"length_ratio", "best_value", "first_token_gap"}
    result = analyze_pair(mini, EXAMPLE, TRANSCRIPT, null=False)
    assert set(result.measured.layers) == {
        *("cosine", "euclidean", "monotonicity_cosine", "monotonicity_euclidean", "path_consistency"),
        *("aps_term_cosine", "aps_term_euclidean"),
    }


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"similarities": ("cosin",)}, "Unknown similarity function 'cosin'; choose from cosine, euclidean, manhattan"),
        ({"similarities": ()}, "The similarity functions are none; name each once, and at least one"),
        ({"paths": ("dtw",)}, "Unknown path 'dtw'; choose from argmax, diagonal"),
        ({"paths": ("argmax", "argmax")}, "The paths are argmax, argmax; name each once"),
        ({"quantities": ("gap",)}, "The quantity 'gap' is one of a whole run and is always in its tables"),
    ],
)
def test_a_wrong_choice_of_measures_is_an_error_at_once(wrong: dict[str, tuple[str, ...]], message: str) -> None:
    with pytest.raises(ModGapError, match=message.replace("(", r"\(")):
        Measures(**wrong)  # type: ignore[arg-type]


def test_a_quantity_that_returns_another_shape_is_an_error(mini: SpeechLM) -> None:
    from dataclasses import replace

    from modgap_core.metrics import QUANTITIES

    odd = replace(QUANTITIES.get("length_ratio"), name="odd", compute=lambda *_: torch.zeros(3))
    QUANTITIES.register("odd", odd)
    try:
        with pytest.raises(ModGapError, match=r"The quantity 'odd' returned the shape \(3,\) for one pair"):
            analyze_pair(mini, EXAMPLE, TRANSCRIPT, null=False, measures=Measures(quantities=("odd",)))
    finally:
        QUANTITIES.unregister("odd")
