"""GAP, MRR, tests and intervals against SciPy, scikit-learn, the paper's tables and cases worked by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import bootstrap, norm, pearsonr, pointbiserialr, spearmanr
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import LeaveOneOut, cross_val_predict

from modgap_core.statistics import (
    Interval,
    StatisticsError,
    by_slice,
    correlation,
    gap,
    mrr,
    partial_r_squared,
    regression,
)
from modgap_core.statistics.slices import COLUMNS

DATA = Path(__file__).parents[1] / "data"
CHECKPOINTS = pd.read_csv(DATA / "paper_gap_by_checkpoint.csv")
PUBLIC = pd.read_csv(DATA / "paper_pipeline_and_public_models.csv")


def right_or_wrong(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Text right 7 in 10, speech right on two thirds of those and on 1 in 10 of the others."""
    rng = np.random.default_rng(seed)
    text = rng.random(n) < 0.7
    speech = rng.random(n) < np.where(text, 0.66, 0.1)
    return text.astype(float), speech.astype(float)


def all_nan(found: Interval) -> bool:
    return all(map(math.isnan, (found.value, found.low, found.high)))


# --- GAP ---


def test_gap_worked_by_hand() -> None:
    """Of ten items with both scores: text 8 right, speech 5; 4 right from text alone, 1 from speech alone."""
    text = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, math.nan, 1]
    speech = [1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 1, math.nan]
    found = gap(text, speech)
    assert (found.paired.n, found.paired.n_dropped) == (10, 2)
    assert (found.text, found.speech) == pytest.approx((80, 50))
    assert found.gap.value == pytest.approx(30)
    assert found.relative_gap.value == pytest.approx(37.5)
    assert (found.paired.only_a, found.paired.only_b, found.n_text_right_speech_wrong) == (4, 1, 4)
    assert found.paired.p_value == pytest.approx(2 * (1 + 5) / 2**5)


def test_gap_interval_is_that_of_the_items_differences() -> None:
    text, speech = right_or_wrong(1)
    found = gap(text, speech)
    half = 100 * norm.ppf(0.975) * (text - speech).std() / math.sqrt(len(text))
    assert (found.gap.low, found.gap.high) == pytest.approx(
        (found.gap.value - half, found.gap.value + half), abs=0.1 * half
    )
    assert found.relative_gap.low < found.relative_gap.value < found.relative_gap.high
    assert found.paired.p_value < 1e-3


def test_gap_of_identical_scores_is_zero() -> None:
    scores = np.random.default_rng(2).random(100)
    found = gap(scores, scores)
    assert found.gap.value == 0
    assert found.gap.low < 0 < found.gap.high  # equal on 100 items is not equal for ever
    assert found.relative_gap.low == pytest.approx(100 * found.gap.low / found.text)
    assert (found.paired.only_a, found.paired.only_b, found.paired.p_value) == (0, 0, 1.0)


def test_gap_does_not_depend_on_the_order_of_items() -> None:
    text, speech = right_or_wrong(3)
    order = np.random.default_rng(4).permutation(len(text))
    one, other = gap(text, speech), gap(text[order], speech[order])
    assert one.gap.value == pytest.approx(other.gap.value)
    assert (one.paired.only_a, one.paired.p_value) == (other.paired.only_a, pytest.approx(other.paired.p_value))
    assert (one.gap.low, one.gap.high) == pytest.approx((other.gap.low, other.gap.high), abs=0.5)


def test_gap_the_other_way_round_has_the_other_sign() -> None:
    text, speech = right_or_wrong(5)
    there, back = gap(text, speech).gap, gap(speech, text).gap
    assert (back.value, back.low, back.high) == pytest.approx((-there.value, -there.high, -there.low), abs=1e-9)


def test_halved_scores_halve_the_gap_and_keep_the_relative_gap() -> None:
    text, speech = right_or_wrong(6)
    whole, half = gap(text, speech), gap(text / 2, speech / 2)
    assert half.gap.low == pytest.approx(whole.gap.low / 2)
    assert half.relative_gap.high == pytest.approx(whole.relative_gap.high)


def test_right_starts_at_a_half() -> None:
    assert gap([0.5, 0.5], [0.49, 0.5]).n_text_right_speech_wrong == 1


def test_relative_gap_is_undefined_where_text_scores_zero() -> None:
    found = gap([0, 0], [1, 0])
    assert found.gap.value == -50
    assert all_nan(found.relative_gap)


def test_one_item_has_a_gap_without_an_interval() -> None:
    found = gap([1], [0]).gap
    assert found.value == 100
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_gap_agrees_with_every_row_of_the_papers_table_2() -> None:
    assert len(CHECKPOINTS) == 40
    for row in CHECKPOINTS.itertuples():
        found = gap([row.text_overall / 100], [row.speech_overall / 100])
        assert found.gap.value == pytest.approx(row.gap, abs=0.02)
    assert gap(CHECKPOINTS.text_overall / 100, CHECKPOINTS.speech_overall / 100).gap.value == pytest.approx(
        CHECKPOINTS.gap.mean(), abs=0.01
    )


def test_gap_of_qwen2_audio_is_the_papers() -> None:
    overall = PUBLIC[PUBLIC.system == "Qwen2-Audio"].set_index("input").overall / 100
    assert gap([overall.text], [overall.speech]).gap.value == pytest.approx(13.30, abs=0.01)


@pytest.mark.parametrize("compare", [gap, lambda a, b: mrr(a, b, "backbone"), correlation], ids=["gap", "mrr", "corr"])
class TestItemsThatCannotBeCompared:
    def test_other_lengths(self, compare: Callable[..., object]) -> None:
        with pytest.raises(StatisticsError, match=r"shapes are \(2,\), \(1,\)"):
            compare([1, 0], [1])

    def test_no_item_with_both(self, compare: Callable[..., object]) -> None:
        with pytest.raises(StatisticsError, match="at least 1 with both values, but 0 came, and 2 more lack"):
            compare([1, math.nan], [math.nan, 1])

    def test_percent_for_fractions(self, compare: Callable[..., object]) -> None:
        with pytest.raises(StatisticsError, match=r"fraction between 0 and 1, but 87\.5 came; divide percentages"):
            compare([1, 0], [87.5, math.nan])

    def test_below_zero(self, compare: Callable[..., object]) -> None:
        with pytest.raises(StatisticsError, match="fraction between 0 and 1, but -1 came"):
            compare([1, 0], [-1, 0])


# --- MRR ---


def test_mrr_worked_by_hand() -> None:
    found = mrr([1, 0, 0, 1, 1], [1, 1, 1, 1, math.nan], "Qwen2.5-7B-Instruct, original")
    assert (found.n, found.n_dropped, found.speech, found.text) == (4, 1, 50.0, 100.0)
    assert found.mrr.value == 50
    assert found.denominator == "Qwen2.5-7B-Instruct, original"


def test_mrr_and_relative_gap_add_up_with_the_same_denominator() -> None:
    text, speech = right_or_wrong(7)
    left, lost = mrr(speech, text, "the model itself").mrr, gap(text, speech).relative_gap
    assert (left.value, left.low, left.high) == pytest.approx((100 - lost.value, 100 - lost.high, 100 - lost.low))


def test_mrr_against_a_better_backbone_is_lower() -> None:
    text, speech = right_or_wrong(8)
    backbone = np.maximum(text, np.random.default_rng(1).random(len(text)) < 0.5)
    assert mrr(speech, backbone, "original").mrr.value < mrr(speech, text, "tuned").mrr.value


def test_mrr_is_undefined_over_zero() -> None:
    assert all_nan(mrr([1, 0], [0, 0], "original").mrr)


def test_mrr_wants_its_denominator_named() -> None:
    with pytest.raises(StatisticsError, match="without a named denominator"):
        mrr([1, 0], [1, 1], " ")


# --- correlation ---


@pytest.mark.parametrize("graded", [False, True])
def test_correlations_equal_scipy(graded: bool) -> None:
    rng = np.random.default_rng(9)
    quantity = np.round(rng.normal(size=300), 1)  # with ties
    score = np.clip(0.5 + 0.2 * quantity + 0.3 * rng.normal(size=300), 0, 1)
    score = np.round(score, 1) if graded else (score >= 0.5).astype(float)
    found = correlation(quantity, score)
    assert found.n == 300
    assert found.spearman.value == pytest.approx(spearmanr(quantity, score).statistic, abs=1e-12)
    assert found.point_biserial.value == pytest.approx(pointbiserialr(score >= 0.5, quantity).statistic, abs=1e-12)
    assert found.spearman.low < found.spearman.value < found.spearman.high


def test_spearman_interval_equals_scipys_own_bootstrap() -> None:
    rng = np.random.default_rng(10)
    quantity, score = rng.normal(size=40).round(1), (rng.random(40) < 0.5).astype(float)
    expected = bootstrap(
        (quantity, score),
        lambda x, y: spearmanr(x, y).statistic,
        paired=True,
        vectorized=False,
        n_resamples=1000,
        method="percentile",
        rng=1,
    ).confidence_interval
    found = correlation(quantity, score).spearman
    # widened for 40 items by 5 % of its width
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.06)


def test_spearman_sees_order_alone() -> None:
    rng = np.random.default_rng(11)
    quantity, score = rng.normal(size=50), rng.random(50)
    one, other = correlation(quantity, score), correlation(np.exp(3 * quantity), score)
    assert one.spearman == other.spearman
    assert one.point_biserial.value != pytest.approx(other.point_biserial.value)
    scaled = correlation(100 * quantity + 7, score).point_biserial
    assert scaled.value == pytest.approx(one.point_biserial.value)


def test_perfect_order_and_its_opposite() -> None:
    rising = np.linspace(0, 1, 20)
    assert correlation(rising, rising).spearman.value == pytest.approx(1)
    assert correlation(-rising, rising).spearman.value == pytest.approx(-1)


def test_correlation_of_independent_values_has_zero_inside() -> None:
    rng = np.random.default_rng(12)
    found = correlation(rng.normal(size=500), (rng.random(500) < 0.5).astype(float))
    assert found.spearman.low < 0 < found.spearman.high
    assert found.point_biserial.low < 0 < found.point_biserial.high


@pytest.mark.parametrize(
    ("quantity", "score"), [([0.1] * 3, [0, 1, 1]), ([0.1, 0.2, 0.3], [1, 1, 1]), ([0.3], [1])], ids=str
)
def test_correlation_with_a_constant_is_undefined(quantity: list[float], score: list[float]) -> None:
    found = correlation(quantity, score)
    assert all_nan(found.spearman)
    assert all_nan(found.point_biserial)


def test_correlation_counts_items_without_a_quantity() -> None:
    found = correlation([0.1, math.nan, 0.3, 0.5], [0, 1, math.nan, 1])
    assert (found.n, found.n_dropped) == (2, 2)
    assert found.point_biserial == Interval(*[pytest.approx(1.0)] * 3)


# --- regression ---


def test_regression_equals_scikit_learn() -> None:
    rng = np.random.default_rng(13)
    x = rng.random(12)
    y = 40 - 30 * x + rng.normal(0, 3, 12)
    line = LinearRegression().fit(x[:, None], y)
    found = regression(x, y)
    assert found.r_squared.value == pytest.approx(r2_score(y, line.predict(x[:, None])))
    assert (found.slope, found.intercept) == pytest.approx((line.coef_[0], line.intercept_))
    assert found.slope_interval.value == pytest.approx(found.slope)
    assert found.slope_interval.low < found.slope < found.slope_interval.high < 0
    assert found.r_squared.low < found.r_squared.value < found.r_squared.high <= 1


def test_leave_one_out_equals_scikit_learn() -> None:
    rng = np.random.default_rng(14)
    x, y = rng.random(8), rng.random(8)
    lines = []
    for i in range(8):
        fewer = np.delete(x, i)[:, None], np.delete(y, i)
        line = LinearRegression().fit(*fewer)
        lines.append((line.score(*fewer), line.coef_[0]))
    r_squared, slope = np.array(lines).T
    found = regression(x, y).leave_one_out
    assert found.r_squared == pytest.approx((r_squared.min(), r_squared.max()))
    assert found.slope == pytest.approx((slope.min(), slope.max()))


def test_one_far_point_shows_in_leave_one_out() -> None:
    found = regression([0, 0.1, 0, 0.1, 10], [0, 0, 1, 1, 10])
    assert found.r_squared.value > 0.95
    assert found.leave_one_out.r_squared[0] == pytest.approx(0, abs=1e-9)


def test_r_squared_survives_a_change_of_units_and_the_slope_follows() -> None:
    rng = np.random.default_rng(15)
    x, y = rng.random(10), rng.random(10)
    one, other = regression(x, y), regression(100 * x + 5, y - 3)
    assert other.r_squared.low == pytest.approx(one.r_squared.low)
    assert other.slope == pytest.approx(one.slope / 100)


def test_points_on_a_line_have_r_squared_one_throughout() -> None:
    found = regression([1, 2, 3, 4], [5, 3, 1, -1])
    assert found.r_squared == Interval(*[pytest.approx(1.0)] * 3)
    assert found.slope_interval == Interval(*[pytest.approx(-2.0)] * 3)
    assert found.leave_one_out.slope == pytest.approx((-2, -2))


def test_resamples_and_subsets_with_constant_x_are_left_out() -> None:
    found = regression([0.1, 0.1, 0.3], [1, 2, 4])
    assert found.slope_interval == Interval(*map(pytest.approx, (12.5, 10, 15)))
    assert found.r_squared.low == pytest.approx(found.r_squared.value)
    assert found.leave_one_out.slope == pytest.approx((10, 15))
    assert found.leave_one_out.r_squared == pytest.approx((1, 1))


def test_constant_y_has_a_slope_and_no_r_squared() -> None:
    found = regression([1, 2, 3], [0.1, 0.1, 0.1])
    assert found.slope == pytest.approx(0, abs=1e-12)
    assert all_nan(found.r_squared)
    assert all(map(math.isnan, found.leave_one_out.r_squared))


def test_cross_validated_r_squared_is_scikit_learns() -> None:
    rng = np.random.default_rng(17)
    x = rng.random(9)
    y = 40 - 30 * x + rng.normal(0, 6, 9)
    predicted = cross_val_predict(LinearRegression(), x[:, None], y, cv=LeaveOneOut())
    assert regression(x, y).predictive_r_squared == pytest.approx(r2_score(y, predicted))


def test_partial_r_squared_is_that_of_the_residuals() -> None:
    rng = np.random.default_rng(18)
    given = rng.random(30)
    x, y = given + rng.normal(0, 0.3, 30), 2 * given + rng.normal(0, 0.5, 30)
    left = [v - LinearRegression().fit(given[:, None], v).predict(given[:, None]) for v in (x, y)]
    assert partial_r_squared(x, y, given) == pytest.approx(pearsonr(*left).statistic ** 2)
    assert math.isnan(partial_r_squared([1, 2, 3], [1, 2, 4], [0, 1, 0]))


@pytest.mark.parametrize("strategy", ["full", "lora"])
def test_regression_on_the_papers_checkpoints(strategy: str) -> None:
    """Within a strategy a checkpoint that hears better has the smaller GAP (table 2)."""
    rows = CHECKPOINTS[CHECKPOINTS.strategy == strategy]
    found = regression(rows.speech_overall, rows.gap)
    assert found.n == 20
    assert found.r_squared.value == pytest.approx(pearsonr(rows.speech_overall, rows.gap).statistic ** 2)
    assert found.slope < 0
    low, high = found.leave_one_out.r_squared
    assert 0 <= low <= found.r_squared.value <= high <= 1


def test_regression_tells_how_many_points_came() -> None:
    with pytest.raises(StatisticsError, match="at least 3 with both values, but 2 came, and 1 more lack"):
        regression([1, 2, math.nan], [1, 2, 3])
    assert regression([1, 2, 4, math.nan], [1, 2, 3, 3]).n_dropped == 1


def test_regression_refuses_constant_x() -> None:
    with pytest.raises(StatisticsError, match=r"at least 3 points and two different x, but all 4 points have x = 0\.1"):
        regression([0.1] * 4, [1, 2, 3, 4])


# --- slices ---


def test_slices_are_the_gaps_of_their_parts() -> None:
    text, speech = right_or_wrong(16, 90)
    items = pd.DataFrame({"accent": ["usa", "ind", "aus"] * 30, "text": text, "speech": speech})
    table = by_slice(items, "accent", "text", "speech")
    assert list(table.columns) == ["accent", *COLUMNS]
    assert list(table.accent) == ["aus", "ind", "usa"]
    row, alone = table.iloc[2], gap(text[::3], speech[::3])
    expected = (30, 30, alone.text, alone.speech, alone.gap.value, alone.gap.low, alone.gap.high, alone.paired.mde)
    assert tuple(row[1:9]) == pytest.approx(expected)
    assert (row.p, row.relative_gap) == (alone.paired.p_value, alone.relative_gap.value)
    assert np.average(table.gap, weights=table.n) == pytest.approx(gap(text, speech).gap.value)


def test_slice_of_one_item_has_no_interval() -> None:
    row = by_slice(pd.DataFrame({"a": ["x"], "t": [1], "s": [0]}), "a", "t", "s").iloc[0]
    assert (row.n, row.gap) == (1, 100)
    assert np.isnan([row.gap_low, row.gap_high]).all()


def test_slices_keep_items_without_a_value_and_slices_without_a_score() -> None:
    items = pd.DataFrame({"a": ["x", "x", None, "y"], "t": [1, 1, 1, math.nan], "s": [1, 0, 0, 1]})
    table = by_slice(items, "a", "t", "s")
    assert list(table.n) == [2, 0, 1]
    assert table.a.isna().tolist() == [False, False, True]
    assert table[["text", "speech", "gap", "gap_low", "gap_high", "relative_gap"]].iloc[1].isna().all()


@pytest.mark.parametrize("dtype", [bool, "boolean", "Float64", "int64", object])
def test_slices_take_any_column_of_scores(dtype: type | str) -> None:
    items = pd.DataFrame({"a": pd.Categorical(["x", "x"], ["x", "unseen"]), "t": [1, 1], "s": [1, 0]})
    table = by_slice(items.astype({"t": dtype, "s": dtype}), "a", "t", "s")
    assert table.gap.tolist() == [50]


def test_slices_of_an_empty_table() -> None:
    assert by_slice(pd.DataFrame({"a": [], "t": [], "s": []}), "a", "t", "s").empty


def test_slices_name_the_missing_column() -> None:
    with pytest.raises(StatisticsError, match="no column 'accent', 's'; choose from a, t"):
        by_slice(pd.DataFrame({"a": ["x"], "t": [1]}), "accent", "t", "s")
