"""Clusters in intervals and tests, against statsmodels, SciPy, scikit-learn, simulation and cases worked by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import binom, norm, t
from scipy.stats import bootstrap as scipy_bootstrap
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from benchmarks.coverage import DESIGNS, Design, Drawn, covered, of_gap, of_gap_without_clusters, of_mrr
from modgap_core.statistics import (
    StatisticsError,
    agreement,
    benjamini_hochberg,
    by_slice,
    correlation,
    gap,
    holm,
    interval_of_items,
    interval_of_sums,
    items_needed,
    max_t,
    minimum_detectable,
    mrr,
    newcombe_paired,
    paired_difference,
    regression,
    sign_flip,
    standard_error_of_sums,
)
from modgap_core.statistics.paired_difference import mean_of_sums, ratio_of_sums

BY_NAME = {design.name: design for design in DESIGNS}
VOICES = BY_NAME["29 voices of 4 to 20 items"]
CROSSED = BY_NAME["30 voices x 20 questions"]


def with_counts(values: np.ndarray) -> np.ndarray:
    return np.stack([values, np.ones(len(values))], axis=1)


def differences(run: Drawn) -> np.ndarray:
    return 100 * (run.text - run.speech)


# --- standard error ---


def test_standard_error_is_that_of_statsmodels() -> None:
    run = VOICES.draw(1)
    d = differences(run)
    fit = sm.OLS(d, np.ones((len(d), 1))).fit(cov_type="cluster", cov_kwds={"groups": run.clusters[0]})
    found = gap(run.text, run.speech, run.clusters).paired
    assert found.standard_error == pytest.approx(float(fit.bse[0]), rel=1e-6)
    assert found.n_clusters == 29
    assert found.mde == pytest.approx((norm.ppf(0.975) + norm.ppf(0.8)) * float(fit.bse[0]), rel=1e-6)


def test_standard_error_of_items_alone_is_that_of_a_mean() -> None:
    d = differences(VOICES.draw(2))
    assert standard_error_of_sums(mean_of_sums, with_counts(d)) == pytest.approx(d.std(ddof=1) / math.sqrt(len(d)))


def test_standard_error_of_crossed_clusters_is_that_of_statsmodels() -> None:
    run = CROSSED.draw(3)
    d = differences(run)
    fit = sm.OLS(d, np.ones((len(d), 1))).fit()
    both, *_ = cov_cluster_2groups(fit, run.clusters[0], run.clusters[1], use_correction=True)
    found = gap(run.text, run.speech, run.clusters).paired
    assert found.standard_error == pytest.approx(float(np.sqrt(both[0, 0])), rel=1e-6)
    assert found.n_clusters == 20  # the smaller number decides the degrees of freedom
    half = t.ppf(0.975, 19) * found.standard_error
    assert (found.difference.low, found.difference.high) == pytest.approx(
        (found.difference.value - half, found.difference.value + half)
    )


def test_standard_error_of_a_ratio_is_the_delta_methods() -> None:
    run = VOICES.draw(4)
    columns = np.stack([100 * run.speech, run.text], axis=1)
    found = standard_error_of_sums(ratio_of_sums, columns, run.clusters)
    ratio = columns[:, 0].sum() / columns[:, 1].sum()
    left = pd.Series(columns[:, 0] - ratio * columns[:, 1]).groupby(run.clusters[0]).sum()
    by_hand = math.sqrt(29 / 28 * float((left**2).sum())) / columns[:, 1].sum()
    assert found == pytest.approx(by_hand, rel=1e-5)


# --- bootstrap over clusters ---


def test_bootstrap_of_many_items_is_scipys() -> None:
    d = differences(VOICES.draw(5))
    expected = scipy_bootstrap((d,), np.mean, method="percentile", n_resamples=9_999, rng=1).confidence_interval
    found = interval_of_sums(mean_of_sums, with_counts(d))
    # widened by 0.5 % for 348 items; a bootstrapped mean moves in steps of 100 / 348 points
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.7)


def test_bootstrap_over_clusters_is_scipys_over_their_sums_widened() -> None:
    run = VOICES.draw(6)
    sums = pd.DataFrame(with_counts(differences(run))).groupby(run.clusters[0]).sum().to_numpy()
    tail = float(norm.cdf(math.sqrt(29 / 28) * t.ppf(0.025, 28)))
    expected = scipy_bootstrap(
        (sums[:, 0], sums[:, 1]),
        lambda x, y, axis: x.sum(axis) / y.sum(axis),
        paired=True,
        method="percentile",
        n_resamples=9_999,
        confidence_level=1 - 2 * tail,
        rng=1,
    ).confidence_interval
    found = gap(run.text, run.speech, run.clusters).gap
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.6)


def test_of_few_clusters_the_percentiles_are_widened() -> None:
    """Nine clusters of one item: t with 8 degrees of freedom and sqrt(9 / 8) make it a quarter wider."""
    d = np.random.default_rng(3).standard_normal(9)
    tail = float(norm.cdf(math.sqrt(9 / 8) * t.ppf(0.025, 8)))
    found = interval_of_sums(mean_of_sums, with_counts(d))
    plain, widened = (
        scipy_bootstrap((d,), np.mean, method="percentile", confidence_level=level, rng=1).confidence_interval
        for level in (0.95, 1 - 2 * tail)
    )
    assert found.high - found.low == pytest.approx(widened.high - widened.low, rel=0.06)
    assert plain.high - plain.low < 0.88 * (found.high - found.low)


def test_an_item_twice_in_a_cluster_of_its_own_tells_no_more() -> None:
    rng = np.random.default_rng(7)
    text, speech = (rng.random(50) < 0.8).astype(float), (rng.random(50) < 0.5).astype(float)
    once = gap(text, speech)
    twice = gap(np.repeat(text, 2), np.repeat(speech, 2), [np.repeat(np.arange(50), 2)])
    believed = gap(np.repeat(text, 2), np.repeat(speech, 2))
    assert (twice.gap.low, twice.gap.high) == pytest.approx((once.gap.low, once.gap.high))
    assert twice.paired.p_value == pytest.approx(once.paired.p_value)
    assert believed.gap.high - believed.gap.low < 0.8 * (once.gap.high - once.gap.low)


def test_names_of_clusters_and_the_order_of_items_do_not_matter() -> None:
    run = VOICES.draw(8)
    order = np.random.default_rng(1).permutation(len(run.text))
    named = np.array([f"voice {number}" for number in run.clusters[0]], dtype=object)
    one, other = gap(run.text, run.speech, run.clusters), gap(run.text[order], run.speech[order], [named[order]])
    assert other.paired.standard_error == pytest.approx(one.paired.standard_error)
    assert (other.gap.low, other.gap.high) == pytest.approx((one.gap.low, one.gap.high), abs=0.8)


def test_one_cluster_has_no_interval() -> None:
    found = gap([1, 1, 0], [0, 1, 0], [["ann"] * 3]).paired
    assert found.difference.value == pytest.approx(100 / 3)
    assert all(map(math.isnan, (found.difference.low, found.difference.high, found.standard_error, found.mde)))
    assert found.p_value == 1.0


def test_every_quantity_knows_its_clusters() -> None:
    """Every item stands there twice; who forgets it believes in an interval that is too narrow by the root of 2."""
    run = VOICES.draw(9)
    twice = [np.repeat(np.arange(len(run.text)), 2)]
    text, speech = run.text[twice[0]], run.speech[twice[0]]
    x = (np.random.default_rng(2).normal(size=len(run.text)) + 0.5 * run.speech)[twice[0]]

    def width(interval_of: Callable[..., object], clusters: object) -> float:
        interval = interval_of(clusters)
        return interval.high - interval.low  # type: ignore[attr-defined]

    for interval_of in (
        lambda c: gap(text, speech, c).gap,
        lambda c: gap(text, speech, c).relative_gap,
        lambda c: mrr(speech, text, "text", c).mrr,
        lambda c: correlation(x, speech, c).spearman,
        lambda c: correlation(x, speech, c).point_biserial,
        lambda c: agreement(text, speech, c).error_overlap,
    ):
        assert width(interval_of, twice) > 1.3 * width(interval_of, ())


def test_crossed_clusters_of_a_rank_correlation_take_the_wider_interval() -> None:
    run = CROSSED.draw(10)
    x = np.random.default_rng(3).normal(size=len(run.text))
    one, other, both = (
        correlation(x, run.speech, c).spearman for c in ([run.clusters[0]], [run.clusters[1]], run.clusters)
    )
    assert both in (one, other)
    assert both.high - both.low == max(one.high - one.low, other.high - other.low)


def test_the_statistic_of_items_is_asked_with_whole_clusters() -> None:
    codes = np.array([0, 0, 1, 2, 2])
    seen: list[np.ndarray] = []

    def watched(weights: np.ndarray) -> np.ndarray:
        seen.append(weights)
        return weights @ np.arange(5.0) / weights.sum(-1)

    interval_of_items(watched, 5, [codes], n_resamples=50)
    drawn = np.concatenate(seen[1:])
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert (drawn[:, 3] == drawn[:, 4]).all()
    assert (drawn[:, [0, 2, 3]].sum(1) == 3).all()  # as many clusters as there are


@pytest.mark.parametrize("design", [VOICES, BY_NAME["12 voices of 10 to 50 items"]], ids=lambda d: d.name)
def test_interval_of_gap_covers_the_truth_93_to_97_times_in_100(design: Design) -> None:
    assert 0.93 <= covered(design, of_gap, design.true_gap, 2_000) <= 0.97


def test_an_interval_that_forgets_clusters_covers_too_little() -> None:
    assert covered(VOICES, of_gap_without_clusters, VOICES.true_gap, 200) < 0.85


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
def test_interval_covers_the_truth_in_every_design(design: Design) -> None:
    assert 0.93 <= covered(design, of_gap, design.true_gap) <= 0.97
    assert 0.93 <= covered(design, of_mrr, 100 * design.true_speech / design.text_right) <= 0.97


@pytest.mark.parametrize(
    ("clusters", "told"),
    [
        ([["a", "b"]], "There are 3 items, but 2 cluster names"),
        ([["a", "b", None]], "1 of 3 items have no cluster name"),
        ([["a", "b", ""]], "1 of 3 items have no cluster name"),
        ([["a", "b", "c"]] * 3, "At most 2 crossed cluster columns .* but 3 came"),
    ],
    ids=["length", "missing", "empty", "three"],
)
def test_clusters_that_do_not_fit(clusters: list[list[str]], told: str) -> None:
    with pytest.raises(StatisticsError, match=told):
        gap([1, 1, 0], [1, 0, 0], clusters)


def test_a_missing_cluster_name_is_an_error_also_where_the_score_is_missing() -> None:
    with pytest.raises(StatisticsError, match="1 of 3 items have no cluster name"):
        gap([1, 1, math.nan], [1, 0, 0], [["a", "b", None]])


# --- the ends of the scale ---


def test_newcombes_published_example() -> None:
    found = newcombe_paired(20, 12, 2, 16)  # Newcombe 1998, table II, method 10
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0562, 0.3292), abs=5e-5)


def test_newcombe_the_other_way_round_has_the_other_sign() -> None:
    there, back = newcombe_paired(20, 12, 2, 16), newcombe_paired(20, 2, 12, 16)
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))


def test_scores_at_the_end_of_the_scale_have_an_interval_of_some_width() -> None:
    """All right in both: a bootstrap would say 0 to 0; ten voices tell less than sixty items."""
    right = np.ones(60)
    items, voices = gap(right, right).gap, gap(right, right, [np.arange(60) % 10]).gap
    assert (items.value, voices.value) == (0, 0)
    z2 = norm.ppf(0.975) ** 2
    wilson = 100 * z2 / (60 + z2)  # a score interval of 60 of 60
    assert items.high == pytest.approx(math.sqrt(2) * wilson, rel=0.35)
    assert voices.low < items.low < 0 < items.high < voices.high


def test_where_few_voices_tell_the_interval_is_newcombes_with_what_the_voices_are_worth() -> None:
    """Three voices of 30 hold all differences: by hand, 120 items of which the design effect leaves fewer."""
    voices = np.repeat(np.arange(30), 4)
    text, speech = np.ones(120), np.ones(120)
    speech[[0, 1, 4, 5, 8]] = 0  # two, two and one of voices 0, 1 and 2
    found = gap(text, speech, [voices])
    sums = np.zeros(30)
    sums[:3] = 2, 2, 1
    clustered = 30 / 29 * ((sums - 5 / 30) ** 2).sum() / 120**2
    alone = 120 / 119 * 120 * (5 / 120) * (1 - 5 / 120) / 120**2
    n = 120 / (clustered / alone)
    expected = newcombe_paired(115 / 120 * n, 5 / 120 * n, 0, 0)
    assert (found.gap.low, found.gap.high) == pytest.approx((100 * expected.low, 100 * expected.high), rel=1e-4)
    assert found.gap.low < 0 < 100 * newcombe_paired(115, 5, 0, 0).low
    left = mrr(speech, text, "text", [voices]).mrr
    assert (left.low, left.high) == pytest.approx((100 - found.gap.high, 100 - found.gap.low))


def test_no_common_error_leaves_an_interval_for_the_overlap() -> None:
    one, other = np.ones(40), np.ones(40)
    one[:3], other[3:6] = 0, 0
    found = agreement(one, other).error_overlap
    assert found.value == 0
    assert found.low < 1
    assert 15 < found.high < 60


def test_newcombe_refuses_counts_that_are_none() -> None:
    with pytest.raises(StatisticsError, match="no table of paired answers"):
        newcombe_paired(-1, 2, 3, 4)


# --- sign flip ---


@pytest.mark.parametrize(("only_a", "only_b"), [(1, 0), (5, 5), (9, 2), (2, 9)])
def test_sign_flip_of_single_right_and_wrong_answers_is_mcnemars_exact_test(only_a: int, only_b: int) -> None:
    d = [1] * only_a + [-1] * only_b + [0] * 27
    tail = min(1.0, 2 * binom.cdf(min(only_a, only_b), only_a + only_b, 0.5))
    assert sign_flip(d) == pytest.approx(tail)
    found = paired_difference(np.maximum(d, 0), -np.minimum(d, 0))
    assert found.p_value == pytest.approx(tail)
    assert (found.only_a, found.only_b) == (only_a, only_b)


def test_sign_flip_over_clusters_by_hand() -> None:
    """Sums 3, 2, -1: of 8 signs |4| or more is met by +++ (4)... worked out: 6, 4 and their negatives."""
    d, voices = [1, 1, 1, 1, 1, -1], ["a", "a", "a", "b", "b", "c"]
    sums = [3, 2, -1]
    signs = [(x, y, z) for x in (1, -1) for y in (1, -1) for z in (1, -1)]
    as_large = sum(abs(np.dot(s, sums)) >= 4 for s in signs) / 8
    assert as_large == 0.5
    assert sign_flip(d, [voices]) == pytest.approx(as_large)


def test_sign_flip_with_many_clusters_is_close_to_the_normal_tail() -> None:
    d = np.random.default_rng(4).normal(0.15, 1, 200)
    z = d.sum() / math.sqrt((d**2).sum())
    assert sign_flip(d) == pytest.approx(2 * norm.sf(z), abs=0.01)


def test_sign_flip_of_crossed_clusters_takes_the_larger_p() -> None:
    run = CROSSED.draw(11)
    d = differences(run) - 20
    assert sign_flip(d, run.clusters) == max(sign_flip(d, [run.clusters[0]]), sign_flip(d, [run.clusters[1]]))


def test_sign_flip_holds_its_level_under_clusters() -> None:
    """Without any difference at most about 5 in 100 runs are called different; as independent items many more."""
    rng = np.random.default_rng(5)
    codes = np.repeat(np.arange(12), 10)
    draws = [rng.normal(size=12)[codes] + rng.normal(size=120) for _ in range(200)]
    assert np.mean([sign_flip(d, [codes]) < 0.05 for d in draws]) <= 0.1
    assert np.mean([sign_flip(d) < 0.05 for d in draws[:40]]) > 0.25


def test_nothing_differs() -> None:
    assert sign_flip([0, 0, 0]) == sign_flip([]) == 1.0


# --- power ---


def test_mde_is_what_a_planned_run_finds() -> None:
    """The MDE of n items put into the plan gives n back; statsmodels finds that power with so many items."""
    sd_text, sd_speech, rho = 0.4, 0.5, 0.3
    sd = math.sqrt(sd_text**2 + sd_speech**2 - 2 * rho * sd_text * sd_speech)
    delta = minimum_detectable(sd / math.sqrt(400))
    assert items_needed(delta, sd_text, sd_speech, rho) in (400, 401)
    assert TTestPower().power(delta / sd, 400, 0.05) == pytest.approx(0.8, abs=0.005)
    assert items_needed(delta, sd_text, sd_speech, rho, design_effect=5.0) == pytest.approx(2000, abs=5)


# --- many tests ---


def test_holm_and_bh_are_statsmodels() -> None:
    p = np.random.default_rng(6).random(20) ** 3
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1])


def test_what_was_not_tested_does_not_count() -> None:
    p = [0.01, math.nan, 0.04]
    assert holm(p)[[0, 2]].tolist() == pytest.approx([0.02, 0.04])
    assert benjamini_hochberg(p)[[0, 2]].tolist() == pytest.approx([0.02, 0.04])
    assert math.isnan(holm(p)[1])
    assert math.isnan(benjamini_hochberg(p)[1])


def test_max_t_of_equal_layers_costs_nothing_and_of_independent_ones_much() -> None:
    rng = np.random.default_rng(7)
    one = rng.normal(size=40)
    one += 0.35 - one.mean()
    equal = max_t(np.stack([one] * 6, axis=1))
    assert equal.adjusted == pytest.approx(equal.p_value)
    assert equal.p_value[0] == pytest.approx(sign_flip(one), abs=0.02)
    apart = max_t(np.column_stack([one, rng.normal(size=(40, 5))]))
    assert apart.p_value[0] == equal.p_value[0]
    assert equal.p_value[0] < apart.adjusted[0] <= 6 * apart.p_value[0] + 0.01


def test_max_t_flips_whole_clusters() -> None:
    """Two clusters have four signs, so no p is far from one half or one."""
    layers = np.ones((20, 3))
    assert max_t(layers, [np.arange(20) % 2]).adjusted == pytest.approx([0.5] * 3, abs=0.02)
    assert (max_t(layers).adjusted < 0.001).all()


def test_max_t_holds_the_chance_of_even_one_false_finding() -> None:
    rng = np.random.default_rng(8)
    false = [(max_t(rng.normal(size=(25, 8))).adjusted < 0.05).any() for _ in range(150)]
    assert np.mean(false) <= 0.1


def test_a_layer_without_a_value_has_no_p() -> None:
    found = max_t(np.array([[1.0, math.nan], [2.0, math.nan], [1.5, math.nan]]))
    assert math.isnan(found.adjusted[1])
    assert not math.isnan(found.adjusted[0])


# --- agreement ---


def test_kappa_is_scikit_learns() -> None:
    run = VOICES.draw(12)
    found = agreement(run.text, run.speech, run.clusters)
    assert found.kappa.value == pytest.approx(cohen_kappa_score(run.text, run.speech))
    assert found.kappa.low < found.kappa.value < found.kappa.high
    wrong = (run.text == 0) & (run.speech == 0)
    assert found.error_overlap.value == pytest.approx(100 * wrong.sum() / ((run.text == 0) | (run.speech == 0)).sum())


def test_kappa_of_always_right_is_undefined() -> None:
    found = agreement([1, 1], [1, 1])
    assert math.isnan(found.kappa.value)
    assert math.isnan(found.error_overlap.value)


# --- what else takes clusters ---


def test_between_and_within_clusters_tell_two_effects_apart() -> None:
    """Voices with higher APS are answered better; within a voice it is the other way round."""
    voice = np.repeat(np.arange(10), 10)
    within = np.tile(np.linspace(-0.04, 0.04, 10), 10)
    quantity, score = voice + within, np.clip(voice / 10 - within, 0, 1)
    found = correlation(quantity, score, [voice])
    assert found.between == pytest.approx(1.0)
    assert found.within < -0.9
    assert found.spearman.value > 0.9
    assert math.isnan(correlation(quantity, score).between)


def test_checkpoints_of_one_training_have_no_interval() -> None:
    x, y = [0.1, 0.2, 0.3, 0.4], [30, 20, 20, 10]
    alone, one = regression(x, y), regression(x, y, [["t"] * 4])
    assert one.r_squared.value == alone.r_squared.value
    assert math.isnan(one.r_squared.low)
    assert (alone.n_clusters, one.n_clusters) == (4, 1)


def test_slices_count_their_own_clusters() -> None:
    run = VOICES.draw(13)
    items = pd.DataFrame({"t": run.text, "s": run.speech, "voice": run.clusters[0], "half": run.clusters[0] % 2})
    table = by_slice(items, "half", "t", "s", ["voice"])
    even = items[items.half == 0]
    expected = gap(even.t.to_numpy(), even.s.to_numpy(), [even.voice.to_numpy()])
    row = table.iloc[0]
    assert (row.clusters, row.gap_low, row.gap_high) == (15, expected.gap.low, expected.gap.high)
    assert (row.p, row.mde) == (expected.paired.p_value, expected.paired.mde)
    assert table.p_bh.to_numpy() == pytest.approx(benjamini_hochberg(table.p))


def test_slices_by_the_cluster_column_itself_take_its_items_alone() -> None:
    run = VOICES.draw(14)
    items = pd.DataFrame({"t": run.text, "s": run.speech, "voice": run.clusters[0]})
    table = by_slice(items, "voice", "t", "s", ["voice"])
    assert table.clusters.tolist() == table.n.tolist()
