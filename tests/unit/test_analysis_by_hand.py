"""One layer of a pair and of two other utterances, in a plane where every cosine and distance is known."""

from __future__ import annotations

import math

import pytest
import torch

from modgap_core.analysis.layer_measures import measure_layer
from modgap_core.metrics import Metric
from modgap_core.models.encoded import Encoded
from modgap_core.states.null_bank import NullBank, SideStates, best_scores

RIGHT, UP, LEFT, DOWN = [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]
FAR = [3.0, 0.0]
SPEECH, TEXT = torch.tensor([RIGHT, FAR]), torch.tensor([UP])
ROOT_2, ROOT_5 = math.sqrt(2), math.sqrt(5)


def side(*utterances: list[list[float]]) -> SideStates:
    """Utterances of one layer."""
    return SideStates.of([torch.tensor([states]) for states in utterances])


BANK = NullBank(("one", "two words"), side([LEFT], [RIGHT, RIGHT]), side([RIGHT], [LEFT, UP]))


def test_a_layer_is_measured_by_both_functions() -> None:
    found = measure_layer(SPEECH, TEXT)
    assert found[Metric.COSINE].matrix.tolist() == [[0.0], [0.0]]
    assert found[Metric.EUCLIDEAN].matrix[:, 0].tolist() == pytest.approx([ROOT_2, math.sqrt(10)])
    assert found[Metric.COSINE].curve == 0.0
    assert found[Metric.EUCLIDEAN].curve.item() == pytest.approx(ROOT_5)  # from (2, 0) to (0, 1)


def test_mismatched_pairs_take_this_side_and_the_other_one() -> None:
    """This speech with the two other transcripts, then this transcript with the two other clips."""
    found = measure_layer(SPEECH, TEXT, BANK)
    cosine, euclidean = found[Metric.COSINE], found[Metric.EUCLIDEAN]
    # means: speech (2, 0), other texts (1, 0) and (-1/2, 1/2); text (0, 1), other clips (-1, 0) and (1, 0)
    assert cosine.null_curve.tolist() == pytest.approx([1, -1 / ROOT_2, 0, 0])
    assert euclidean.null_curve.tolist() == pytest.approx([1, math.hypot(2.5, 0.5), ROOT_2, ROOT_2])
    # each token of the text with its best token of the clip: right with right; left with both, up with both; ...
    assert cosine.null_aps_terms.tolist() == pytest.approx([1, (-1 + 0) / 2, 0, 0])
    assert euclidean.null_aps_terms.tolist() == pytest.approx([0, (2 + ROOT_2) / 2, ROOT_2, ROOT_2])


def test_best_scores_leave_out_padding() -> None:
    """Two pairs of up to three speech and two text tokens; what is padding would be the best of all."""
    best = 9.0
    values = torch.tensor([[[0.2, 0.1], [0.4, 0.3], [best, best]], [[0.6, best], [0.5, best], [0.1, best]]])
    is_speech = torch.tensor([[True, True, False], [True, True, True]])
    is_text = torch.tensor([[True, True], [True, False]])
    assert best_scores(values, is_speech, is_text, Metric.COSINE).tolist() == pytest.approx([0.35, 0.6])
    assert best_scores(-values, is_speech, is_text, Metric.EUCLIDEAN).tolist() == pytest.approx([-0.35, -0.6])


def test_the_null_says_something_else() -> None:
    assert BANK.excluding("One").transcripts == ("two words",)
    assert BANK.excluding("Two  Words").text.states.tolist() == [[[RIGHT, [0.0, 0.0]]]]
    assert BANK.excluding("three").transcripts == ("one", "two words")
    assert BANK.excluding("three", n=1).transcripts == ("one",)


def test_a_span_ends_with_its_last_token() -> None:
    span = torch.tensor([[False, True, True, False], [False, False, False, True]])
    encoded = Encoded({}, span)
    assert [span_slice(encoded, row) for row in (0, 1)] == [slice(1, 3), slice(3, 4)]
