"""The values of a corpus run: those of one pair alone, worked out again with NumPy; whose each answer is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from modgap_core import analyze_pair
from modgap_core.corpus.columns import LAYERS, item_quantities, layer_quantities
from modgap_core.corpus.engine.local import write_results
from modgap_core.corpus.engine.measure_batch import answer_texts, measure_batch, read_items
from modgap_core.corpus.engine.parts import EngineParts, load_parts
from modgap_core.corpus.manifest.read import Manifest, read_manifest
from modgap_core.corpus.read.scored_runs import scored_runs
from modgap_core.corpus.read.tables import ScoredRun, intervention_table
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.corpus.store.item_result import ItemResult
from modgap_core.corpus.store.run_folder import load_run
from modgap_core.corpus.store.shard import ShardTables, read_tables
from modgap_core.errors import ModGapError
from modgap_core.metrics import Measures
from modgap_core.results.pair_result import PairResult

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "assets" / "mini-corpus"
IDS = ("mini-000", "mini-070", "mini-123", "mini-197", "mini-262")
"""Heard right; text answered otherwise by the backbone (070, 262); misheard, and then answered otherwise (123, 197)."""
SETTINGS = CorpusSettings(asr="mini", backbone="mini", n_null=len(IDS) - 1, max_new_tokens=24)
SIMILARITY = {"cosine": "cosine_similarity", "euclidean": "euclidean_distance"}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    table = pd.read_csv(CORPUS / "manifest.csv")
    table = table[table.id.isin(IDS)]
    path = tmp_path_factory.mktemp("values") / "five.csv"
    table.assign(audio=[str(CORPUS / name) for name in table.audio]).to_csv(path, index=False)
    return read_manifest(path)


@pytest.fixture(scope="module")
def parts(manifest: Manifest) -> EngineParts:
    """The null reference holds every item of the corpus, so each has all the others."""
    return load_parts(None, SETTINGS, manifest.items)


@pytest.fixture(scope="module")
def results(manifest: Manifest, parts: EngineParts) -> list[ItemResult]:
    return measure_batch(parts, SETTINGS, read_items(manifest.items))


@pytest.fixture(scope="module")
def tables(results: list[ItemResult], tmp_path_factory: pytest.TempPathFactory) -> ShardTables:
    """As they are read back from the disk."""
    folder = tmp_path_factory.mktemp("tables") / "00000"
    write_results(folder, results, SETTINGS)
    return read_tables(folder)


@pytest.fixture(scope="module")
def pairs(manifest: Manifest, parts: EngineParts) -> list[PairResult]:
    """Each item alone, with the corpus's null reference."""
    assert parts.bank is not None
    alone = {"null": parts.bank, "max_new_tokens": 24}
    return [analyze_pair(parts.model, i.clip(), i.transcript, **alone) for i in manifest.items]


def blocks(values: np.ndarray) -> np.ndarray:
    """Layers 1..L of the N = L + 2 entries, worked out apart from the code."""
    n_layers = values.shape[-1] - 2
    return values[..., 1 : n_layers + 1].astype(np.float64)


def with_input(values: np.ndarray) -> np.ndarray:
    """Layers 0..L."""
    return values[..., : values.shape[-1] - 1].astype(np.float64)


def test_items_hold_the_scores_of_each_pair(tables: ShardTables, pairs: list[PairResult]) -> None:
    items = tables.items.set_index("row")
    for row, pair in enumerate(pairs):
        for name, similarity in SIMILARITY.items():
            values, item = pair.values(name), items.loc[row]
            expected = {
                similarity: blocks(values.curve).mean(),
                f"aps_{name}": blocks(values.aps_terms).mean(),
                f"monotonicity_{name}": np.nanmean(with_input(values.monotonicity)),
                f"null_{similarity}": blocks(values.null_curve).mean(),
                f"null_aps_{name}": blocks(values.null_aps_terms).mean(),
            }
            for column, value in expected.items():
                near = 0.05 if column.startswith("monotonicity") else 1e-3 * abs(value) + 1e-4
                assert item[column] == pytest.approx(value, abs=near), (row, column)
            assert len(values.null_curve) == 2 * (len(IDS) - 1)
        consistency = np.nanmean(with_input(pair.consistency))
        assert items.path_consistency[row] == pytest.approx(consistency, abs=0.05)


def test_z_is_the_score_less_the_mean_of_its_null_in_standard_deviations(
    tables: ShardTables, pairs: list[PairResult]
) -> None:
    items = tables.items.set_index("row")
    signs = set()
    for row, pair in enumerate(pairs):
        for name in SIMILARITY:
            values = pair.values(name)
            null = blocks(values.null_aps_terms).mean(axis=1)
            z = (blocks(values.aps_terms).mean() - null.mean()) / null.std()
            assert items[f"z_aps_{name}"][row] == pytest.approx(z, abs=0.02), (row, name)
            assert pair.aps_z_score(name) == pytest.approx(z, abs=1e-3)
            signs.add((name, z > 0))
    assert {("cosine", True), ("euclidean", False)} <= signs


def test_layers_hold_the_curves_of_each_pair(tables: ShardTables, pairs: list[PairResult]) -> None:
    for row, pair in enumerate(pairs):
        layers = tables.layers[tables.layers.row == row].sort_values("entry")
        assert list(layers.entry) == list(range(pair.n_layers + 2))
        assert set(layers.columns) == {*LAYERS, *layer_quantities(Measures())}
        for name in SIMILARITY:
            values = pair.values(name)
            expected = {
                name: values.curve,
                f"aps_term_{name}": values.aps_terms,
                f"null_{name}": values.null_curve.mean(axis=0),
                f"null_aps_term_{name}": values.null_aps_terms.mean(axis=0),
            }
            for column, curve in expected.items():
                np.testing.assert_allclose(layers[column], curve, rtol=2e-3, atol=2e-4, err_msg=column)
            paths = tables.paths[f"{row:08d}.{name}"]
            same = (paths == values.path).all(axis=1)  # near ties may fall the other way in a batch
            np.testing.assert_allclose(layers[f"monotonicity_{name}"][same], values.monotonicity[same], atol=1e-5)
            assert same.mean() > 0.5


def test_answers_to_text_and_speech_are_those_of_each_pair(tables: ShardTables, pairs: list[PairResult]) -> None:
    answers = tables.answers.set_index(["row", "condition"]).answer
    for row, pair in enumerate(pairs):
        assert answers[row, "text"] == pair.answers.text
        assert answers[row, "speech"] == pair.answers.speech


def test_each_answer_is_of_the_model_and_to_the_words_that_its_name_says(
    tables: ShardTables, manifest: Manifest, parts: EngineParts
) -> None:
    assert parts.asr is not None
    assert parts.backbone is not None
    answers = tables.answers.set_index(["row", "condition"]).answer
    heard, n = tables.items.set_index("row").heard, 24
    told_apart: dict[str, int] = {"heard": 0, "text": 0, "pipeline": 0, "backbone": 0}
    for item in manifest.items:
        (written,) = parts.asr.transcribe([item.clip().samples])
        assert heard[item.row] == written
        said = {
            "pipeline": answer_of(parts.model, written, n),
            "pipeline_backbone": answer_of(parts.backbone, written, n),
            "text_backbone": answer_of(parts.backbone, item.transcript, n),
            "text": answer_of(parts.model, item.transcript, n),
        }
        for name, answer in said.items():
            assert answers[item.row, name] == answer, (item.id, name)
        told_apart["heard"] += written != item.transcript
        told_apart["text"] += said["pipeline"] != said["text"]
        told_apart["pipeline"] += said["pipeline"] != said["pipeline_backbone"]
        told_apart["backbone"] += said["text_backbone"] != said["text"]
    assert min(told_apart.values()) > 0, f"items that cannot tell right from wrong: {told_apart}"


def answer_of(model: object, text: str, max_new_tokens: int) -> str:
    """One typed question to one model."""
    (answer,) = model.generate(model.encode_text([text]), max_new_tokens=max_new_tokens)  # type: ignore[attr-defined]
    return str(answer)


def test_what_cannot_be_read_gets_an_empty_answer_and_shifts_no_other(parts: EngineParts) -> None:
    texts = ["what is the capital of austria", " ", "which number comes after sixteen"]
    said = answer_texts(parts.model, texts, 24)
    assert said[1] == ""
    assert [said[0], said[2]] == [answer_of(parts.model, text, 24) for text in (texts[0], texts[2])]


def test_an_item_names_its_similarity_functions(results: list[ItemResult]) -> None:
    measured = results[0].measured
    assert measured is not None
    for name in SIMILARITY:
        assert results[0].values(name).curve is measured.layers[name].values
        assert results[0].values(name).path is measured.paths[f"{name}.argmax"]
    for name in ("Cosine", "dtw"):
        with pytest.raises(ModGapError, match=f"Unknown similarity function '{name}'; choose from cosine, euclidean"):
            results[0].values(name)


def test_the_shipped_run_names_similarity_and_distance_apart() -> None:
    items = scored_runs(load_run(ROOT / "assets" / "runs" / "modgap-mini"))[0].results.items
    assert items.cosine_similarity.between(-1, 1).all()
    assert (items.euclidean_distance > 1).all()
    assert (items.aps_cosine.between(-1, 1) & (items.aps_euclidean > 1)).all()


def test_a_gain_is_what_the_intervention_adds_to_speech() -> None:
    """Four items by hand: speech gets one right, one edit two, another none."""
    scores = {"text": [1, 1, 1, 1], "speech": [0, 0, 0, 1], "helps": [0, 0, 1, 1], "hurts": [0, 0, 0, 0]}
    rows = [(row, name, value) for name, values in scores.items() for row, value in enumerate(values)]
    told = pd.DataFrame(rows, columns=["row", "condition", "value"])
    items = pd.DataFrame({"row": range(4), "id": list("abcd"), "transcript": list("wxyz"), "task": "qa"})
    by_hand = ShardTables(
        items=items.assign(status="ok"),
        answers=told.assign(answer=""),
        scores=told.assign(scorer="by hand", is_primary=True, rule=""),
        layers=pd.DataFrame(),
        paths={},
        quantities=item_quantities(Measures()),
        layer_quantities=layer_quantities(Measures()),
    )
    table = intervention_table(ScoredRun.of("model", by_hand)).set_index("intervention")
    assert table.gain.to_dict() == {"helps": 25.0, "hurts": -25.0}
    assert table.score.to_dict() == {"helps": 50.0, "hurts": 0.0}
