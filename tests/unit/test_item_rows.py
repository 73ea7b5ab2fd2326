"""What a corpus writes of one item, worked by hand where every other choice of layers gives another number."""

from __future__ import annotations

import numpy as np
import pytest

from modgap_core.corpus.manifest.item import CorpusItem
from modgap_core.corpus.store.item_result import ItemResult
from modgap_core.corpus.store.shard import tables_of
from tests.made_results import Made, measured_of


def quantities(aps_terms: list[float], null: list[list[float]], monotonicity: list[float]) -> Made:
    """Of a model of two blocks: layers 0, 1, 2 and after the norm; a curve is ten times the terms."""
    terms, nulls = np.array(aps_terms, np.float32), np.array(null, np.float32)
    path = np.zeros((4, 3), np.int64)
    return Made(10 * terms, path, np.array(monotonicity, np.float32), terms, 10 * nulls, nulls)


COSINE = quantities(
    [50.0, 0.25, 0.75, 90.0], [[70.0, 0.0, 0.0, 80.0], [70.0, 0.0, 0.5, 80.0]], [1.0, np.nan, 0.0, -1.0]
)
EUCLIDEAN = quantities(
    [60.0, 3.0, 5.0, 91.0], [[71.0, 6.0, 6.0, 81.0], [71.0, 8.0, 12.0, 81.0]], [0.0, 0.5, 0.25, -1.0]
)
ITEM = CorpusItem(4, "five", b"", "five.wav", "which letter", "B", "mcq", {"voice": "ann"}, {"choices": ["x", "y"]})
RESULT = ItemResult(
    ITEM,
    duration_s=1.5,
    n_speech_tokens=7,
    n_text_tokens=3,
    heard="witch letter",
    answers={"text": "The answer is B.", "speech": "Answer: A"},
    measured=measured_of({"cosine": COSINE, "euclidean": EUCLIDEAN}, np.array([1.0, 0.5, np.nan, 0.0], np.float32)),
)


def test_the_row_of_an_item_by_hand() -> None:
    """Scores over layers 1 and 2, means of monotonicity and consistency over 0, 1 and 2 where they are defined."""
    row = tables_of([RESULT]).items.iloc[0]
    assert row[["row", "id", "heard", "voice", "n_speech_tokens", "n_text_tokens"]].tolist() == [
        4,
        "five",
        "witch letter",
        "ann",
        7,
        3,
    ]
    expected = {
        "cosine_similarity": 5.0,
        "aps_cosine": 0.5,
        "monotonicity_cosine": 0.5,
        "null_cosine_similarity": 1.25,  # of 0 and 2.5
        "null_aps_cosine": 0.125,
        "z_cosine_similarity": (5.0 - 1.25) / 1.25,
        "z_aps_cosine": (0.5 - 0.125) / 0.125,
        "euclidean_distance": 40.0,
        "aps_euclidean": 4.0,
        "monotonicity_euclidean": 0.25,
        "null_euclidean_distance": 80.0,  # of 60 and 100
        "null_aps_euclidean": 8.0,
        "z_euclidean_distance": (40.0 - 80.0) / 20.0,
        "z_aps_euclidean": (4.0 - 8.0) / 2.0,
        "path_consistency": 0.75,
    }
    assert row[list(expected)].to_dict() == pytest.approx(expected)


def test_the_layers_of_an_item_by_hand() -> None:
    layers = tables_of([RESULT]).layers
    assert layers.entry.tolist() == [0, 1, 2, 3]
    expected = {
        "cosine": [500.0, 2.5, 7.5, 900.0],
        "euclidean": [600.0, 30.0, 50.0, 910.0],
        "aps_term_cosine": [50.0, 0.25, 0.75, 90.0],
        "aps_term_euclidean": [60.0, 3.0, 5.0, 91.0],
        "null_cosine": [700.0, 0.0, 2.5, 800.0],
        "null_euclidean": [710.0, 70.0, 90.0, 810.0],
        "null_aps_term_cosine": [70.0, 0.0, 0.25, 80.0],
        "null_aps_term_euclidean": [71.0, 7.0, 9.0, 81.0],
    }
    for name, values in expected.items():
        assert layers[name].tolist() == pytest.approx(values), name
    np.testing.assert_array_equal(layers.monotonicity_cosine, [1.0, np.nan, 0.0, -1.0])
    np.testing.assert_array_equal(layers.path_consistency, [1.0, 0.5, np.nan, 0.0])


def test_the_first_scorer_of_a_task_decides() -> None:
    """``Answer: A`` states A to the robust scorer; VoiceBench's templates do not find it, and guess."""
    scores = tables_of([RESULT]).scores.set_index(["condition", "scorer"])
    assert scores.value.to_dict() == {
        ("text", "mcq_robust"): 1.0,
        ("text", "mcq_exact"): 1.0,
        ("speech", "mcq_robust"): 0.0,
        ("speech", "mcq_exact"): 0.25,
    }
    assert set(scores[scores.is_primary].index.get_level_values("scorer")) == {"mcq_robust"}


def test_of_an_item_that_failed_nothing_is_written_but_why() -> None:
    tables = tables_of([ItemResult(ITEM, error="no sound")])
    row = tables.items.iloc[0]
    assert (row.status, row.reason) == ("failed", "no sound")
    assert row[["aps_cosine", "z_aps_euclidean", "path_consistency"]].isna().all()
    assert tables.layers.empty
    assert tables.scores.empty
    assert tables.answers.empty
