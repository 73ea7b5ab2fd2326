"""Over which layers a number is taken, worked by hand where every other choice of layers gives another number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.special import rel_entr

from modgap_core import Condition, analyze_pair, intervene
from modgap_core.audio.load import load_audio
from modgap_core.errors import ModGapError
from modgap_core.interventions.chosen_tokens import chosen_tokens, path_scores
from modgap_core.interventions.outcome import Outcome
from modgap_core.interventions.prepared_pair import prepare_pair
from modgap_core.interventions.run import score_plans
from modgap_core.interventions.token_choice import TokenChoice
from modgap_core.metrics import SIMILARITIES, as_similarity
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.results.measured import Measured
from tests.made_results import Made, measured_of

EXAMPLES = Path(__file__).resolve().parents[2] / "assets" / "examples"
CLIP, TEXT = EXAMPLES / "06-misheard.flac", "which continent is russia in"


def values_of(aps_terms: list[float], null_aps_terms: list[list[float]]) -> Made:
    """Quantities of a model of two blocks: entries 0, 1, 2 and after the norm."""
    terms, null = np.array(aps_terms, np.float32), np.array(null_aps_terms, np.float32)
    return Made(
        curve=10 * terms,
        path=np.zeros((4, 2), np.int64),
        monotonicity=np.array([1.0, np.nan, 0.0, -1.0], np.float32),
        aps_terms=terms,
        null_curve=10 * null,
        null_aps_terms=null,
        matrix=np.zeros((4, 3, 2), np.float32),
        null_monotonicity=np.array([[0.5, np.nan, 0.0, 1.0]], np.float32),
    )


def outcome_of(measured: Measured | None) -> Outcome:
    return Outcome("speech", None, "", (), (), 0.0, (), 0.0, measured)


MEASURED = measured_of(
    {
        "cosine": values_of([100.0, 1.0, 3.0, 1000.0], [[7.0, 0.0, 0.0, 7.0], [7.0, 0.0, 2.0, 7.0]]),
        "euclidean": values_of([100.0, 0.0, 1.0, 1000.0], [[7.0, 3.0, 5.0, 7.0], [7.0, 1.0, 1.0, 7.0]]),
    },
    np.zeros(4, np.float32),
)
COSINE, EUCLIDEAN = MEASURED.values("cosine"), MEASURED.values("euclidean")


def test_scores_are_of_the_blocks_and_monotonicity_of_the_input_too() -> None:
    assert COSINE.aps() == 2.0
    assert COSINE.aps(after_norm=True) == 500.5
    assert COSINE.similarity_score() == 20.0
    assert COSINE.mean_monotonicity() == 0.5
    assert COSINE.mean_monotonicity(after_norm=True) == 0.0
    assert COSINE.null_aps().tolist() == [0.0, 1.0]
    assert COSINE.null_similarity_scores().tolist() == [0.0, 10.0]
    assert COSINE.null_mean_monotonicity().tolist() == [0.25]


def test_z_is_positive_above_the_null_and_negative_below() -> None:
    assert COSINE.aps_z_score() == pytest.approx((2.0 - 0.5) / 0.5)
    assert EUCLIDEAN.aps_z_score() == pytest.approx((0.5 - 2.5) / 1.5)


def test_the_score_of_an_intervention_is_of_the_blocks() -> None:
    outcome = outcome_of(MEASURED)
    assert outcome.aps(as_similarity("cosine")) == outcome.aps("cosine") == 2.0
    assert outcome.aps("euclidean") == 0.5
    assert np.isnan(outcome_of(None).aps("cosine"))


@pytest.mark.parametrize("name", ["Cosine", "dtw"])
def test_an_outcome_refuses_an_unknown_similarity_function(name: str) -> None:
    for ask in (outcome_of(MEASURED).aps, outcome_of(MEASURED).values, outcome_of(None).aps):
        with pytest.raises(ModGapError, match=f"Unknown similarity function '{name}'; choose from cosine, euclidean"):
            ask(name)


# A_l of a model of two blocks, four speech tokens and two text tokens. Each layer's path takes other tokens, and so
# do the mean over the blocks, over layers 0..L and over all entries.
A_0 = [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [9.0, 8.0]]
A_1 = [[0.8, 0.0], [0.0, 0.9], [0.0, 0.0], [0.0, 0.0]]
A_2 = [[0.2, 0.0], [0.0, 0.0], [0.1, 0.4], [0.0, 0.0]]
A_NORM = [[0.0, 0.0], [0.0, 0.0], [9.0, 9.0], [0.0, 0.0]]
MATRICES = np.array([A_0, A_1, A_2, A_NORM], np.float32)


@pytest.mark.parametrize(
    ("path_layer", "expected"),
    [
        (None, [(1, 1, 0.45), (0, 0, 0.5)]),
        (0, [(3, 0, 9.0)]),
        (1, [(0, 0, 0.8), (1, 1, 0.9)]),
        (2, [(0, 0, 0.2), (2, 1, 0.4)]),
    ],
)
def test_tokens_are_those_of_the_paths_layer(path_layer: int | None, expected: list[tuple[int, int, float]]) -> None:
    pairs = chosen_tokens(MATRICES, Condition(tokens=TokenChoice("all"), path_layer=path_layer))
    assert [(p.speech, p.text) for p in pairs] == [(speech, text) for speech, text, _ in expected]
    assert [p.score for p in pairs] == pytest.approx([score for *_, score in expected])
    worst = chosen_tokens(MATRICES, Condition(tokens=TokenChoice(k=1), path_layer=path_layer))
    assert [(p.speech, p.text) for p in worst] == [expected[0][:2]]


def test_an_intervention_takes_its_tokens_from_the_pairs_own_matrices(mini: SpeechLM) -> None:
    """Of each path layer, in `intervene` as on the page; and the layers do choose differently."""
    pair = analyze_pair(mini, CLIP, TEXT, null=False, max_new_tokens=2)
    layers = (None, *range(mini.n_layers + 1))
    conditions = [Condition(tokens=TokenChoice(k=3), path_layer=layer) for layer in layers]
    result = intervene(mini, CLIP, TEXT, conditions, max_new_tokens=2)
    chosen = []
    for layer, outcome in zip(layers, result.edited, strict=True):
        scores = pair.cosine.matrix[1:-1].mean(axis=0) if layer is None else pair.cosine.matrix[layer]
        np.testing.assert_array_equal(path_scores(pair.cosine.matrix, layer), scores)
        best = scores.max(axis=0)
        on_path = {int(scores[:, j].argmax()) for j in range(scores.shape[1])}
        worst = sorted(on_path, key=lambda i: max(best[j] for j in range(len(best)) if scores[:, j].argmax() == i))[:3]
        assert [p.speech for p in outcome.pairs] == worst, layer
        chosen.append(tuple(worst))
    assert len(set(chosen)) > 2


def test_kl_is_from_the_unedited_speech_to_the_run_and_not_the_reverse(mini: SpeechLM) -> None:
    pair = prepare_pair(mini, load_audio(CLIP), TEXT)
    plan = pair.plan(Condition(tokens=TokenChoice("all")))
    scored = score_plans(mini, pair, [None, plan], "abc", with_text=True)
    text, speech, edited = scored.first.double().exp().numpy()
    result = intervene(mini, CLIP, TEXT, [plan.condition], reference="abc", max_new_tokens=2)
    for outcome, run in ((result.text, text), (result.edited[0], edited)):
        forward, backward = rel_entr(speech, run).sum(), rel_entr(run, speech).sum()
        assert abs(forward - backward) > 0.02 * forward, "this run cannot tell the two directions apart"
        assert outcome.kl_from_speech == pytest.approx(forward, rel=5e-3)
    assert result.speech.kl_from_speech == 0.0


def test_interventions_score_the_pair_as_the_pair_itself(mini: SpeechLM) -> None:
    pair = analyze_pair(mini, CLIP, TEXT, null=False, max_new_tokens=2)
    speech = intervene(mini, CLIP, TEXT, [], max_new_tokens=2).speech
    for name in SIMILARITIES.own_names():
        terms = pair.values(name).aps_terms
        assert speech.aps(name) == pytest.approx(terms[1:-1].mean(), rel=1e-3)
        assert abs(terms.mean() - terms[1:-1].mean()) > 0.01 * abs(terms[1:-1].mean())
