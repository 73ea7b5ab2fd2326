"""One layer of a pair and of two other utterances, in a plane where every cosine and distance is known."""

from __future__ import annotations

import math

import pytest
import torch

from modgap_core.analysis.layer_measures import measure_layer
from modgap_core.metrics import PATHS, Key, Measures, as_similarity, best_scores
from modgap_core.models.encoded import Encoded
from modgap_core.states.layer_view import LayerView
from modgap_core.states.null_bank import NullBank, SideStates
from modgap_core.states.rows import Rows

RIGHT, UP, LEFT, DOWN = [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]
FAR = [3.0, 0.0]
SPEECH, TEXT = Rows.whole(torch.tensor([[RIGHT, FAR]])), Rows.whole(torch.tensor([[UP]]))
ROOT_2, ROOT_5 = math.sqrt(2), math.sqrt(5)


def side(*utterances: list[list[float]]) -> SideStates:
    """Utterances of one layer."""
    return SideStates.of([torch.tensor([states]) for states in utterances])


BANK = NullBank(("one", "two words"), side([LEFT], [RIGHT, RIGHT]), side([RIGHT], [LEFT, UP]))


def curve(name: str) -> Key:
    return Key("similarity", name)


def aps(name: str) -> Key:
    return Key("aps", name, "argmax")


def test_a_layer_is_measured_by_both_functions() -> None:
    found = measure_layer(SPEECH, TEXT, Measures())
    assert found.matrices["cosine"].tolist() == [[[0.0], [0.0]]]
    assert found.matrices["euclidean"][0, :, 0].tolist() == pytest.approx([ROOT_2, math.sqrt(10)])
    assert found.values[curve("cosine")].tolist() == [0.0]
    assert found.values[curve("euclidean")].tolist() == pytest.approx([ROOT_5])  # from (2, 0) to (0, 1)


def test_mismatched_pairs_take_this_side_and_the_other_one() -> None:
    """This speech with the two other transcripts, then this transcript with the two other clips."""
    null = measure_layer(SPEECH, TEXT, Measures(), BANK).null
    # means: speech (2, 0), other texts (1, 0) and (-1/2, 1/2); text (0, 1), other clips (-1, 0) and (1, 0)
    assert null[curve("cosine")][0].tolist() == pytest.approx([1, -1 / ROOT_2, 0, 0])
    assert null[curve("euclidean")][0].tolist() == pytest.approx([1, math.hypot(2.5, 0.5), ROOT_2, ROOT_2])
    # each token of the text with its best token of the clip: right with right; left with both, up with both; ...
    assert null[aps("cosine")][0].tolist() == pytest.approx([1, (-1 + 0) / 2, 0, 0])
    assert null[aps("euclidean")][0].tolist() == pytest.approx([0, (2 + ROOT_2) / 2, ROOT_2, ROOT_2])


def test_best_scores_leave_out_padding() -> None:
    """Two pairs of up to three speech and two text tokens; the padding is NaN."""
    pad = math.nan
    values = torch.tensor([[[0.2, 0.1], [0.4, 0.3], [pad, pad]], [[0.6, pad], [0.5, pad], [0.1, pad]]])
    assert best_scores(values, "cosine").tolist() == pytest.approx([0.35, 0.6])
    assert best_scores(-values, "euclidean").tolist() == pytest.approx([-0.35, -0.6])
    assert best_scores(-values, "cosine").tolist() == pytest.approx([-0.15, -0.1])


@pytest.mark.parametrize("sign", [9.0, -9.0])
def test_a_view_marks_its_padding(sign: float) -> None:
    """States of padding that would be the best, or the worst, of all."""
    speech = Rows(torch.tensor([[RIGHT, UP], [FAR, [sign, 0.0]]]), torch.tensor([[True, True], [True, False]]))
    text = Rows(torch.tensor([[RIGHT, UP], [[2.0, 0.0], [sign, 0.0]]]), torch.tensor([[True, True], [True, False]]))
    for crossed in (False, True):
        view = LayerView(speech, text, crossed=crossed)
        for name, best in (("cosine", [[1.0, 1.0], [0.5, 1.0]]), ("euclidean", [[0.0, 1.0], [(2 + 10**0.5) / 2, 1.0]])):
            terms = view.terms(as_similarity(name), PATHS.get("argmax")).tolist()
            expected = best if crossed else [best[0][0], best[1][1]]
            assert terms == [pytest.approx(each) for each in expected] if crossed else terms == pytest.approx(expected)


def test_the_null_says_something_else() -> None:
    assert BANK.excluding("One").transcripts == ("two words",)
    assert BANK.excluding("Two  Words").text.states.tolist() == [[[RIGHT, [0.0, 0.0]]]]
    assert BANK.excluding("three").transcripts == ("one", "two words")
    assert BANK.excluding("three", n=1).transcripts == ("one",)


def test_a_span_ends_with_its_last_token() -> None:
    span = torch.tensor([[False, True, True, False], [False, False, False, True]])
    encoded = Encoded({}, span)
    assert encoded.span_slices() == [slice(1, 3), slice(3, 4)]
