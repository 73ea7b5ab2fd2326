"""The paper's quantities against SciPy, scikit-learn, invariants and cases worked by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.stats import ortho_group, spearmanr
from sklearn.metrics.pairwise import cosine_similarity

from modgap_core.errors import ModGapError
from modgap_core.metrics import (
    NO_PARTNER,
    alignment_path,
    alignment_path_score,
    aps_terms,
    as_similarity,
    layers_0_to_l,
    mean_monotonicity,
    mean_of_defined,
    mean_path_consistency,
    monotonicity,
    null_band,
    path_consistency,
    path_values,
    shuffled_monotonicity,
    similarity_score,
    z_score,
)
from modgap_core.metrics.mean_pooled import cosine_similarity_of_means, euclidean_distance_of_means, mean_pooled
from modgap_core.metrics.pairwise_cosine_similarity import pairwise_cosine_similarity
from modgap_core.metrics.pairwise_euclidean_distance import pairwise_euclidean_distance
from tests.tolerances import FEW_ROUNDINGS

pytestmark = pytest.mark.numeric
SHAPES = [(1, 1, 4), (17, 8, 32), (3, 9, 128), (50, 1, 5)]
PAIRWISE = {name: as_similarity(name).pairwise for name in ("cosine", "euclidean")}


@pytest.fixture(params=SHAPES, ids=str)
def pair(request: pytest.FixtureRequest) -> tuple[torch.Tensor, torch.Tensor]:
    n_speech, n_text, width = request.param
    generator = torch.Generator().manual_seed(1)
    return torch.randn(n_speech, width, generator=generator), torch.randn(n_text, width, generator=generator) + 0.5


def test_pairwise_values_equal_scikit_learn_and_scipy(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    speech, text = pair
    expected = cosine_similarity(speech.double().numpy(), text.double().numpy())
    np.testing.assert_allclose(pairwise_cosine_similarity(speech, text), expected, atol=FEW_ROUNDINGS)
    expected = cdist(speech.double().numpy(), text.double().numpy())
    np.testing.assert_allclose(pairwise_euclidean_distance(speech, text), expected, rtol=FEW_ROUNDINGS)


def test_near_equal_long_states_keep_their_distance() -> None:
    speech = torch.full((30, 256), 1000.0)
    text = speech.clone()
    text[:, 0] += 0.25
    expected = cdist(speech.double().numpy(), text.double().numpy())
    np.testing.assert_allclose(pairwise_euclidean_distance(speech, text), expected, rtol=FEW_ROUNDINGS)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_states_are_computed_in_float32(dtype: torch.dtype) -> None:
    speech, text = torch.randn(5, 64).to(dtype), torch.randn(4, 64).to(dtype)
    for pairwise in PAIRWISE.values():
        values = pairwise(speech, text)
        assert values.dtype == torch.float32
        torch.testing.assert_close(values, pairwise(speech.float(), text.float()))


def test_huge_and_tiny_states() -> None:
    speech = torch.tensor([[1e18, 1e18], [1e-18, 0.0]])
    np.testing.assert_allclose(
        pairwise_cosine_similarity(speech, torch.tensor([[1.0, 0.0]]))[:, 0], [math.sqrt(0.5), 1.0], rtol=FEW_ROUNDINGS
    )


def test_zero_states_are_undefined_under_cosine_only() -> None:
    speech, text = torch.tensor([[0.0, 0.0], [1.0, 0.0]]), torch.tensor([[2.0, 0.0]])
    cosine = pairwise_cosine_similarity(speech, text)
    assert torch.isnan(cosine[0, 0])
    assert cosine[1, 0] == 1
    assert pairwise_euclidean_distance(speech, text).tolist() == [[2.0], [1.0]]
    assert torch.isnan(cosine_similarity_of_means(mean_pooled(speech[:1]), mean_pooled(text)))


def test_layer_curve_point_is_f_of_the_means(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    speech, text = (p.double().numpy().mean(axis=0, keepdims=True) for p in pair)
    means = [mean_pooled(states) for states in pair]
    expected = cosine_similarity(speech, text)[0, 0]
    assert float(cosine_similarity_of_means(*means)) == pytest.approx(expected, abs=FEW_ROUNDINGS)
    assert float(euclidean_distance_of_means(*means)) == pytest.approx(cdist(speech, text)[0, 0], rel=1e-5)


def test_padding_is_no_part_of_the_mean_state() -> None:
    states = torch.randn(2, 5, 7, generator=torch.Generator().manual_seed(4))
    states[0, 3:] = torch.tensor(float("nan"))
    is_token = torch.tensor([[True] * 3 + [False] * 2, [True] * 5])
    expected = np.stack([states[0, :3].double().numpy().mean(0), states[1].double().numpy().mean(0)])
    np.testing.assert_allclose(mean_pooled(states, is_token), expected, atol=FEW_ROUNDINGS)


def test_rotation_leaves_everything_unchanged(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    speech, text = pair
    turn = torch.from_numpy(ortho_group.rvs(speech.shape[1], random_state=0)).float()
    for pairwise in PAIRWISE.values():
        torch.testing.assert_close(pairwise(speech @ turn, text @ turn), pairwise(speech, text), atol=1e-4, rtol=1e-4)


def test_scaling_one_side_changes_distance_and_not_cosine(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    speech, text = pair
    torch.testing.assert_close(pairwise_cosine_similarity(7 * speech, text), pairwise_cosine_similarity(speech, text))
    assert not torch.allclose(pairwise_euclidean_distance(7 * speech, text), pairwise_euclidean_distance(speech, text))


def test_identical_states_align_perfectly() -> None:
    states = torch.randn(6, 40, generator=torch.Generator().manual_seed(0))
    for name, best in (("cosine", 1.0), ("euclidean", 0.0)):
        values = PAIRWISE[name](states, states)
        path = alignment_path(values, name)
        assert path.tolist() == list(range(6))
        assert float(monotonicity(path)) == 1.0
        assert float(aps_terms(values, path)) == pytest.approx(best, abs=FEW_ROUNDINGS)


def test_batched_equals_single() -> None:
    speech, text = torch.randn(4, 3, 11, 16), torch.randn(4, 3, 7, 16)
    for name, pairwise in PAIRWISE.items():
        values = pairwise(speech, text)
        path = alignment_path(values, name)
        terms, rho = aps_terms(values, path), monotonicity(path)
        for a in range(4):
            for b in range(3):
                one = pairwise(speech[a, b], text[a, b])
                torch.testing.assert_close(values[a, b], one)
                assert torch.equal(path[a, b], alignment_path(one, name))
                torch.testing.assert_close(terms[a, b], aps_terms(one, path[a, b]))
                torch.testing.assert_close(rho[a, b], monotonicity(path[a, b]), equal_nan=True)


def test_path_takes_the_best_and_the_first_of_equals() -> None:
    values = torch.tensor([[0.5, 0.1], [0.9, 0.1], [0.9, 0.0]])
    assert alignment_path(values, "cosine").tolist() == [1, 0]
    assert alignment_path(values, "euclidean").tolist() == [0, 2]


def test_undefined_cells_are_never_chosen() -> None:
    nan = float("nan")
    values = torch.tensor([[nan, nan, -0.5], [0.1, nan, nan]])
    path = alignment_path(values, "cosine")
    assert path.tolist() == [1, NO_PARTNER, 0]
    picked = path_values(values, path)
    assert picked[0] == pytest.approx(0.1)
    assert torch.isnan(picked[1])
    assert float(aps_terms(values, path)) == pytest.approx(-0.2)
    assert torch.isnan(aps_terms(values[:, 1:2], path[1:2]))


def test_monotonicity_equals_scipy_with_ties() -> None:
    paths = torch.randint(0, 6, (200, 9), generator=torch.Generator().manual_seed(2))
    ours = monotonicity(paths)
    for row, rho in zip(paths.numpy(), ours, strict=True):
        expected = spearmanr(np.arange(9), row).statistic
        assert float(rho) == pytest.approx(expected, abs=FEW_ROUNDINGS, nan_ok=True)


def test_monotonicity_leaves_out_tokens_without_a_partner() -> None:
    with_gaps = torch.tensor([3, NO_PARTNER, 1, 7, NO_PARTNER, 7])
    assert float(monotonicity(with_gaps)) == pytest.approx(
        spearmanr([0, 2, 3, 5], [3, 1, 7, 7]).statistic, abs=FEW_ROUNDINGS
    )


@pytest.mark.parametrize("path", [[4], [2, 2, 2], [NO_PARTNER, NO_PARTNER, 3], [NO_PARTNER] * 4])
def test_monotonicity_is_undefined_not_zero(path: list[int]) -> None:
    assert torch.isnan(monotonicity(torch.tensor(path)))


def test_path_consistency_by_hand() -> None:
    a, b = torch.tensor([0, 1, 2, NO_PARTNER]), torch.tensor([0, 5, 2, 3])
    assert float(path_consistency(a, b)) == pytest.approx(2 / 3)
    assert torch.isnan(path_consistency(torch.tensor([NO_PARTNER]), torch.tensor([1])))


def test_scores_leave_out_the_llm_input() -> None:
    terms = torch.tensor([100.0, 1.0, 2.0, 6.0])
    for kind in (terms, terms.numpy(), terms.expand(2, 4), terms.expand(2, 4).numpy()):
        assert np.unique(alignment_path_score(kind)).tolist() == [3.0]
        assert np.unique(similarity_score(kind)).tolist() == [3.0]


def test_layers_0_to_l_end_before_or_after_the_final_norm() -> None:
    entries = np.arange(8.0).reshape(2, 4)
    assert layers_0_to_l(entries).tolist() == [[0, 1, 2], [4, 5, 6]]
    assert layers_0_to_l(torch.from_numpy(entries), after_norm=True).tolist() == [[0, 1, 3], [4, 5, 7]]


@pytest.mark.parametrize("mean", [mean_monotonicity, mean_path_consistency, mean_of_defined])
def test_means_leave_out_what_is_undefined(mean: Callable[[object], object]) -> None:
    values = torch.tensor([[0.25, float("nan"), 0.75], [float("nan")] * 3])
    for kind in (values, values.numpy()):
        np.testing.assert_array_equal(np.asarray(mean(kind)), [0.5, np.nan])
    assert np.isnan(mean_of_defined(np.empty(0)))


def test_aps_by_hand() -> None:
    layer_1, layer_2 = torch.tensor([[1.0, 0.0], [0.0, 0.5]]), torch.tensor([[0.2, 0.3], [0.1, 0.7]])
    values = torch.stack([torch.zeros(2, 2), layer_1, layer_2])
    terms = aps_terms(values, alignment_path(values, "cosine"))
    assert terms.tolist() == pytest.approx([0.0, 0.75, 0.45])
    assert float(alignment_path_score(terms)) == pytest.approx(0.6)


def test_permuting_the_transcript_permutes_the_path_and_lowers_monotonicity_only() -> None:
    speech = torch.randn(12, 30, generator=torch.Generator().manual_seed(5))
    text = speech[::2] + 0.05 * torch.randn(6, 30, generator=torch.Generator().manual_seed(6))
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    straight, mixed = pairwise_cosine_similarity(speech, text), pairwise_cosine_similarity(speech, text[order])
    path, mixed_path = alignment_path(straight, "cosine"), alignment_path(mixed, "cosine")
    assert torch.equal(mixed_path, path[order])
    torch.testing.assert_close(aps_terms(mixed, mixed_path), aps_terms(straight, path))
    assert float(monotonicity(path)) == 1.0
    assert float(monotonicity(mixed_path)) < 0.5


@pytest.mark.parametrize("path", [[0, 3, 3, 9, 12, 1], [4, NO_PARTNER, 2, 7, 7, 1], [5, 5, 5, 5, 5, 5]])
def test_shuffled_monotonicity_is_spearman_of_the_shuffled_path(path: list[int]) -> None:
    orders = torch.rand(7, 6, generator=torch.Generator().manual_seed(3)).argsort(-1)
    for value, order in zip(shuffled_monotonicity(torch.tensor(path), 7, seed=3), orders.numpy(), strict=True):
        shuffled = np.array(path)[order]
        counted = shuffled != NO_PARTNER
        constant = len(set(shuffled[counted])) == 1
        expected = np.nan if constant else spearmanr(np.arange(6)[counted], shuffled[counted]).statistic
        assert float(value) == pytest.approx(expected, abs=FEW_ROUNDINGS, nan_ok=True)


def test_shuffled_monotonicity_is_centred_and_reproducible() -> None:
    path = torch.tensor([[0, 2, 3, 7, 9, 12], [5, 5, 5, 5, 5, 5]])
    null = shuffled_monotonicity(path, 2000, seed=1)
    assert null.shape == (2000, 2)
    assert abs(float(null[:, 0].mean())) < 0.03
    # the variance of Spearman's rho without ties is 1 / (n - 1)
    assert float(null[:, 0].var()) == pytest.approx(1 / 5, rel=0.1)
    assert torch.isnan(null[:, 1]).all()
    assert torch.equal(null[:, 0], shuffled_monotonicity(path, 2000, seed=1)[:, 0])


def test_null_band_and_z_score() -> None:
    samples = np.stack([np.arange(101.0), np.full(101, np.nan)], axis=1)
    band = null_band(samples)
    assert band.n == 101
    np.testing.assert_allclose([band.low, band.mean, band.high], [[5, np.nan], [50, np.nan], [95, np.nan]])
    assert z_score(60.0, np.array([40.0, 60.0])) == pytest.approx(1.0)
    assert z_score(1.0, np.array([2.0, 2.0])) is None
    assert z_score(float("nan"), np.array([1.0, 2.0])) is None
    assert np.isnan(null_band(np.empty((0, 3))).low).all()


@pytest.mark.parametrize("name", ["Cosine", "dtw", "", None])
def test_an_unknown_similarity_function_is_refused(name: str | None) -> None:
    with pytest.raises(ModGapError, match=f"Unknown similarity function {name!r}; choose from cosine, euclidean"):
        as_similarity(name)
