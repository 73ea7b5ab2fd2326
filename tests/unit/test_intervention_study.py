"""The figures of the intervention study on a case worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from modgap_core.interventions.condition import Condition
from modgap_core.interventions.method import Method
from modgap_core.mini.intervention_study import accuracies, best_of_each_method


def test_gain_is_paired_and_by_question() -> None:
    right = pd.DataFrame(
        {
            "question": ["a", "a", "b", "b"],
            "text": [True] * 4,
            "speech": [True, False, False, False],
            "angle": [True, True, False, True],
        }
    )
    text, speech, angle = accuracies(right)
    assert (speech.accuracy, speech.gain, speech.gain_low, speech.gain_high) == (0.25, 0.0, 0.0, 0.0)
    assert (angle.accuracy, angle.gain) == (0.75, 0.5)
    assert (text.gain, text.n_clips) == (0.75, 4)
    # resampled questions gain 0.5 or 1.0 each over text: the interval spans just that
    assert (text.gain_low, text.gain_high) == pytest.approx((0.5, 1.0))


def test_best_of_each_method_takes_the_first() -> None:
    conditions = [Condition(Method.LENGTH), Condition(strength=0.5), Condition(Method.LENGTH, strength=0.5)]
    found = pd.DataFrame({"condition": conditions, "gain": [0.3, 0.2, 0.1]})
    assert best_of_each_method(found) == conditions[:2]
