"""ModGap from Python: a corpus as an object, states in one line, what results and the package say of themselves."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import modgap_core
from modgap_core import (
    Condition,
    CorpusSettings,
    Execution,
    ModGapError,
    TokenChoice,
    analyze_pair,
    intervene,
    load_intervention,
    load_result,
    open_run,
    read_manifest,
    run_corpus,
    save_intervention,
    save_result,
)
from modgap_core.audio.load import load_audio
from modgap_core.corpus.read.opened_run import Run
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.results.pair_result import PairResult
from modgap_core.shipped import shipped_path

MANIFEST = "shipped:mini-corpus/manifest.csv"
CLIP, TEXT = "shipped:examples/01-right.flac", "which number comes after sixteen"
CONDITIONS = (Condition("angle", TokenChoice(k=1)), Condition("length", TokenChoice("all"), strength=0.5))


@pytest.fixture(scope="module")
def pair(mini: SpeechLM) -> PairResult:
    return analyze_pair(mini, CLIP, TEXT, reference="seventeen")


@pytest.fixture(scope="module")
def told() -> list[Mapping[str, Any]]:
    """What `on_item` was told."""
    return []


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, told: list[Mapping[str, Any]]) -> Run:
    return run_corpus(
        read_manifest(MANIFEST).first(10),
        [None],
        tmp_path_factory.mktemp("api") / "run",
        CorpusSettings(max_new_tokens=12, n_null=2, batch_size=4),
        conditions=CONDITIONS,
        on_item=told.append,
    )


# -- a corpus ----------------------------------------------------------------------------------------------------------


def test_a_run_has_its_tables(run: Run) -> None:
    assert len(run.items) == run.n_items == 10
    assert {"model", "id", "aps_cosine", "text", "speech", "angle bottom:1", "voice"} <= set(run.items)
    assert set(run.answers.condition) == {"text", "speech", *(condition.label for condition in CONDITIONS)}
    assert len(run.layers) == 10 * 8
    long = run.quantities.query("column == 'aps_euclidean'")
    np.testing.assert_array_equal(long.value, run.items.aps_euclidean)
    np.testing.assert_array_equal(long.null, run.items.null_aps_euclidean)
    np.testing.assert_array_equal(long.z, run.items.z_aps_euclidean)
    assert list(run.table("interventions").intervention.unique()) == [condition.label for condition in CONDITIONS]
    assert run.table("models").model.tolist() == ["modgap-mini"]
    assert open_run(run.folder) == run
    with pytest.raises(ModGapError, match="There is no table 'gaps' of a run; choose from scores, gap"):
        run.table("gaps")


def test_the_answers_under_a_condition_are_those_of_the_pair(run: Run, mini: SpeechLM) -> None:
    item = read_manifest(MANIFEST).items[3]
    alone = intervene(mini, item.clip(), item.transcript, CONDITIONS, reference=item.expected, max_new_tokens=12)
    said = run.answers[run.answers.id == item.id].set_index("condition").answer
    assert {outcome.label: outcome.answer for outcome in alone.outcomes} == said.to_dict()


def test_each_item_is_told_once_with_its_answers_and_scores(run: Run, told: list[Mapping[str, Any]]) -> None:
    assert sorted(each["row"] for each in told) == list(range(10))
    for each in told:
        row = run.items[run.items.row == each["row"]].iloc[0]
        assert each["aps_cosine"] == row.aps_cosine
        assert each["scores"]["speech"] == pytest.approx(row.speech)
        own = run.answers[run.answers.row == each["row"]]
        assert each["answers"] == dict(zip(own.condition, own.answer, strict=True))


def test_a_resumed_run_tells_of_what_it_does_itself(tmp_path: Path) -> None:
    manifest = read_manifest(MANIFEST).first(8)
    settings = CorpusSettings(max_new_tokens=4, n_null=2, batch_size=4)
    run_corpus(manifest, [None], tmp_path / "run", settings, Execution(part=(1, 2)))
    told: list[Mapping[str, Any]] = []
    whole = run_corpus(manifest, [None], tmp_path / "run", settings, resume=True, on_item=told.append)
    assert len(told) == 4
    assert whole.models[0].is_complete


def test_conditions_are_part_of_what_a_run_is(run: Run) -> None:
    settings = CorpusSettings(max_new_tokens=12, n_null=2, batch_size=4)
    with pytest.raises(ModGapError, match="was begun with conditions = "):
        run_corpus(read_manifest(MANIFEST).first(10), [None], run.folder, settings, resume=True)
    with pytest.raises(ModGapError, match="The condition 'angle bottom:3' stands more than once"):
        CorpusSettings(conditions=(Condition(), Condition()))


@pytest.mark.parametrize(
    "condition",
    [
        Condition(),
        Condition("angle", TokenChoice("picked", picked=(4, 7)), 0.5, 2, (0, 1, 2)),
        Condition("random-direction", TokenChoice("random", k=5, seed=3), seed=9),
        Condition("calibration", edit_layers=(1, 3)),
    ],
)
def test_a_label_says_all_of_a_condition(condition: Condition) -> None:
    assert Condition.parse(condition.label) == condition


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("angle bottom:3, slowly", "'slowly' in the condition 'angle bottom:3, slowly' says nothing; write strength"),
        ("angle bottom:3, strength much", "'strength much' in the condition .* holds no number"),
        ("angle middle", "Unknown choice of tokens 'middle'"),
        ("angle, strength 2", "The strength is 2; it must lie between 0 and 1"),
    ],
)
def test_a_wrong_label_is_told(text: str, message: str) -> None:
    with pytest.raises(ModGapError, match=message):
        Condition.parse(text)


# -- states ------------------------------------------------------------------------------------------------------------


def test_hidden_states_are_those_of_output_hidden_states(mini: SpeechLM) -> None:
    found = mini.hidden_states(CLIP)
    encoded = mini.encode_speech([load_audio(shipped_path("examples/01-right.flac")).samples])
    (where,) = encoded.span_slices()
    with torch.inference_mode():
        inputs = mini.prefill_inputs(encoded)
        expected = mini.adapter.model(**inputs, output_hidden_states=True, use_cache=False).hidden_states
    assert found.shape == (mini.n_layers + 2, where.stop - where.start, mini.width)
    for layer in range(mini.n_layers):
        torch.testing.assert_close(found[layer], expected[layer][0, where])
    torch.testing.assert_close(found[-1], expected[-1][0, where])  # after the final norm
    assert mini.hidden_states(text=TEXT).shape[1] == len(mini.encode_text([TEXT]).tokens[0])
    for wrong in ({}, {"speech": CLIP, "text": TEXT}):
        with pytest.raises(ModGapError, match="of a clip or of a text; give one of them"):
            mini.hidden_states(**wrong)


# -- what results say --------------------------------------------------------------------------------------------------


def test_results_compare_by_content(pair: PairResult, mini: SpeechLM, tmp_path: Path) -> None:
    again = load_result(save_result(pair, tmp_path / "pair"))
    assert again == pair
    assert {pair: 1}[again] == 1
    louder = replace(pair, samples=pair.samples * 2)
    assert louder != pair
    matrix = pair.cosine.matrix.copy()
    matrix[2, 1, 0] += 1e-6
    changed = replace(pair.measured, matrices={**pair.measured.matrices, "cosine": matrix})
    assert replace(pair, measured=changed) != pair
    assert pair != "a word"
    result = intervene(mini, CLIP, TEXT, [Condition()])
    assert load_intervention(save_intervention(result, tmp_path / "change")) == result
    assert replace(result, target="other") != result


def test_what_is_shown_is_short(pair: PairResult, mini: SpeechLM, run: Run) -> None:
    result = intervene(mini, CLIP, TEXT, [Condition()])
    for shown in map(repr, (pair, result, run, mini)):
        assert len(shown) < 500
        assert "modgap-mini" in shown
    assert "speech 'after sixteen comes seventeen'" in repr(pair)
    assert f"aps_cosine {pair.aps('cosine'):.3f}" in repr(pair)
    odd = replace(pair, transcript="<script>alert(1)</script>")
    assert "<script>" not in odd._repr_html_()
    assert f"{pair.aps('cosine'):.3f}" in pair._repr_html_()
    assert "angle bottom:3" in result._repr_html_()
    assert "10 items" in run._repr_html_()


def test_a_table_or_figure_that_is_not_there_is_told(pair: PairResult) -> None:
    with pytest.raises(ModGapError, match="There is no table 'layer' of a pair; choose from summary, quantities"):
        pair.table("layer")
    with pytest.raises(ModGapError, match="Unknown figure 'curves'; choose from layer_curves"):
        pair.plot("curves")
    with pytest.raises(ModGapError, match="The figure 'gap' is one of runs, not of pair; choose from layer_curves"):
        pair.plot("gap")
    with pytest.raises(ModGapError, match="The figure 'layer_curves' takes no such option"):
        pair.plot("layer_curves", colour="red")
    with pytest.raises(ModGapError, match="Unknown similarity function 'cos'; choose from cosine, euclidean"):
        pair.aps("cos")
    with pytest.raises(ModGapError, match="There is no path 'dtw' here, but argmax"):
        pair.values("cosine", "dtw")


def test_what_was_not_measured_is_told(mini: SpeechLM) -> None:
    few = analyze_pair(mini, CLIP, TEXT, null=False, measures=modgap_core.Measures(("cosine",), quantities=("aps",)))
    assert few.aps("cosine") == pytest.approx(analyze_pair(mini, CLIP, TEXT, null=False).aps("cosine"))
    with pytest.raises(ModGapError, match="The similarity function 'euclidean' was not measured; here are cosine"):
        few.aps("euclidean")
    with pytest.raises(ModGapError, match="monotonicity, cosine was not measured; here are aps_term_cosine"):
        _ = few.cosine.monotonicity


# -- the package -------------------------------------------------------------------------------------------------------


def test_the_package_says_its_version_and_its_names() -> None:
    assert modgap_core.__version__ == version("modgap")
    assert set(dir(modgap_core)) == set(modgap_core.__all__)
    assert {"load_model", "analyze_pair", "open_run", "run_corpus", "__version__"} <= set(dir(modgap_core))
    assert all(getattr(modgap_core, name) is not None for name in modgap_core.__all__)
    with pytest.raises(AttributeError, match="module 'modgap_core' has no attribute 'analyse_pair'"):
        _ = modgap_core.analyse_pair
    assert files("modgap_core").joinpath("py.typed").is_file()


def test_type_checkers_see_the_same_names_from_the_same_places() -> None:
    tree = ast.parse(inspect.getsource(sys.modules["modgap_core"]))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    typed = {
        alias.asname: f"{node.module}".removeprefix("modgap_core.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == modgap_core._LAZY
