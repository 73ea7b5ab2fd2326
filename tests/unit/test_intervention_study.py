"""The figures of the intervention study on a case worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from modgap_core.interventions.condition import Condition
from modgap_core.statistics import paired_difference
from recipes.modgap_mini.intervention_study import accuracies, best_of_each_method


def test_gain_is_paired_and_over_questions_and_voices() -> None:
    right = pd.DataFrame(
        {
            "question": ["a", "a", "b", "b", "c", "c"],
            "voice": ["x", "y", "x", "y", "x", "y"],
            "text": [True] * 6,
            "speech": [True, False, False, False, True, True],
            "angle all": [True, True, False, True, True, True],
            "other-transcript all": [False] * 6,
            "injected speech": [False] * 6,
            "injected other-transcript all": [True, True, True, False, False, False],
        }
    )
    text, speech, angle, other = accuracies(right)
    assert (speech.accuracy, speech.gain, speech.answers_injected) == (0.5, 0.0, 0.0)
    assert (angle.accuracy, angle.gain, angle.uses) == (0.8333, 0.3333, "right transcript")
    assert (angle.n_clips, angle.n_questions, angle.n_voices) == (6, 3, 2)
    assert (other.gain, other.answers_injected, text.answers_injected) == (-0.5, 0.5, None)
    assert (text.gain, text.p_holm) == (0.5, None)
    # the gains 1 1 of questions a and b, or 2 of voice y alone: signs of two questions, then of one voice
    assert (angle.p, angle.p_holm) == (1.0, 1.0)
    crossed = paired_difference(right["angle all"], right.speech, [right.question, right.voice])
    assert (angle.gain_low, angle.gain_high) == pytest.approx(
        (crossed.difference.low / 100, crossed.difference.high / 100), abs=1e-4
    )
    assert angle.mde == pytest.approx(crossed.mde / 100, abs=1e-4)


def test_best_of_each_method_takes_the_first() -> None:
    conditions = [Condition("length"), Condition(strength=0.5), Condition("length", strength=0.5)]
    found = pd.DataFrame({"condition": conditions, "gain": [0.3, 0.2, 0.1]})
    assert best_of_each_method(found) == conditions[:2]
