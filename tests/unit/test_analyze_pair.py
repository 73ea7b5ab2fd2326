"""The whole way of a pair, against a plain recompute with output_hidden_states, NumPy and SciPy."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr

from modgap_core import analyze_pair
from modgap_core.analysis.pair import speech_spans_s
from modgap_core.errors import AudioError, ModGapError, TranscriptError
from modgap_core.metrics import SIMILARITIES, as_similarity
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.results.pair_result import PairResult
from modgap_core.results.tables import layer_table, path_table, summary_table
from modgap_core.states.null_bank import NullBank, Utterance, build_null_bank
from tests.made_results import made_pair
from tests.tiny_models import plain_hidden_states
from tests.tolerances import FEW_ROUNDINGS, assert_close_to_size

TEXT = "what is this?"


@pytest.fixture
def bank(model: SpeechLM) -> NullBank:
    """Six other utterances inside the tiny model."""
    rng = np.random.default_rng(0)
    waves = [(rng.standard_normal(n) * 0.1).astype(np.float32) for n in (4000, 9000, 16_000, 5000, 7000, 12_000)]
    texts = ["one", "a longer one", "cat", "what is this?", "dog dog", "seven"]
    return build_null_bank(model, [Utterance(w, t) for w, t in zip(waves, texts, strict=True)])


@pytest.fixture
def result(model: SpeechLM, wave: np.ndarray, bank: NullBank) -> PairResult:
    return analyze_pair(model, wave, TEXT, reference="no idea", null=bank, max_new_tokens=4)


def plain_states(model: SpeechLM, wave: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Speech and text span states the usual way; the last entry is after the final norm."""
    sides = []
    for encoded in (model.encode_speech([wave]), model.encode_text([TEXT])):
        hidden = plain_hidden_states(model, encoded)
        sides.append([h[0][encoded.span[0]].double().numpy() for h in hidden])
    return sides[0], sides[1]


@pytest.mark.numeric
def test_quantities_equal_a_plain_recompute(model: SpeechLM, wave: np.ndarray, result: PairResult) -> None:
    speech, text = plain_states(model, wave)
    entries = [*range(model.n_layers), model.n_layers + 1]
    for entry, h_s, h_t in zip(entries, speech, text, strict=True):
        cosine, distance = 1 - cdist(h_s, h_t, "cosine"), cdist(h_s, h_t)
        for values, expected, path in (
            (result.cosine, cosine, cosine.argmax(0)),
            (result.euclidean, distance, distance.argmin(0)),
        ):
            assert_close_to_size(values.matrix[entry], expected)
            at_path = expected[values.path[entry], np.arange(len(path))]
            assert_close_to_size(at_path, expected[path, np.arange(len(path))])
            rho = spearmanr(np.arange(len(path)), values.path[entry]).statistic
            assert float(values.monotonicity[entry]) == pytest.approx(rho, abs=FEW_ROUNDINGS, nan_ok=True)
            assert_close_to_size(float(values.aps_terms[entry]), float(at_path.mean()))
        mean_s, mean_t = h_s.mean(0, keepdims=True), h_t.mean(0, keepdims=True)
        assert_close_to_size(float(result.cosine.curve[entry]), 1 - cdist(mean_s, mean_t, "cosine")[0, 0])
        assert_close_to_size(float(result.euclidean.curve[entry]), cdist(mean_s, mean_t)[0, 0])
        agree = result.cosine.path[entry] == result.euclidean.path[entry]
        assert float(result.consistency[entry]) == pytest.approx(agree.mean())


@pytest.mark.numeric
def test_null_reference_is_what_the_same_quantities_give_for_mismatched_pairs(
    model: SpeechLM, wave: np.ndarray, bank: NullBank, result: PairResult
) -> None:
    others = bank.excluding(TEXT)
    assert TEXT not in others.transcripts
    assert len(others.transcripts) == 5
    for m, transcript in enumerate(others.transcripts):
        mismatched = analyze_pair(model, wave, transcript, null=False, max_new_tokens=1)
        for name in SIMILARITIES.own_names():
            ours, theirs = result.values(name), mismatched.values(name)
            assert_close_to_size(ours.null_curve[m], theirs.curve)
            assert_close_to_size(ours.null_aps_terms[m], theirs.aps_terms)
    assert result.cosine.null_curve.shape == (10, model.n_layers + 2)
    assert not np.isnan(result.cosine.null_aps_terms).any()


def test_scores_average_layers_1_to_l_before_or_after_the_norm(result: PairResult) -> None:
    terms, last = result.cosine.aps_terms, result.n_layers
    assert result.aps("cosine") == pytest.approx(terms[1 : last + 1].mean(), rel=1e-6)
    after = np.append(terms[1:last], terms[last + 1]).mean()
    assert result.aps("cosine", after_norm=True) == pytest.approx(after, rel=1e-6)
    assert result.similarity_score("euclidean") == pytest.approx(result.euclidean.curve[1 : last + 1].mean(), rel=1e-6)


def test_a_name_stands_for_its_similarity_function_and_any_other_is_refused(result: PairResult) -> None:
    assert result.aps("cosine") == result.aps(as_similarity("cosine")) != result.aps("euclidean")
    for ask in (result.values, result.aps, result.similarity_score, result.mean_monotonicity, result.aps_z_score):
        for name in ("Cosine", "dtw"):
            with pytest.raises(ModGapError, match=f"Unknown similarity function '{name}'; choose from cosine, euclid"):
                ask(name)


def test_speech_spans_cover_the_clip(model: SpeechLM, result: PairResult, wave: np.ndarray) -> None:
    spans = result.speech_spans_s
    assert spans[0, 0] == 0
    np.testing.assert_allclose(spans[1:, 0], spans[:-1, 1])
    ms_per_token = model.encode_speech([wave]).ms_per_token  # of SpeechGPT, the clip's mean
    np.testing.assert_allclose(np.diff(spans[:-1], axis=1), ms_per_token / 1000, atol=2e-6)
    assert abs(spans[-1, 1] - len(wave) / 16_000) <= model.ms_per_token / 1000


def test_tables_hold_the_same_numbers(result: PairResult) -> None:
    layers = layer_table(result)
    assert layers.after_final_norm.tolist() == [False] * (result.n_layers + 1) + [True]
    np.testing.assert_array_equal(layers.cosine, result.cosine.curve)
    paths = path_table(result)
    assert len(paths) == 2 * (result.n_layers + 2) * len(result.text_tokens)
    row = paths[(paths.similarity == "euclidean") & (paths.layer == 1) & (paths.text_token == 2)].iloc[0]
    assert row.speech_token == result.euclidean.path[1, 2]
    assert row.value == pytest.approx(result.euclidean.matrix[1, row.speech_token, 2])
    summary = summary_table(result).set_index("column")
    assert summary.value["aps_cosine"] == pytest.approx(result.aps("cosine"))


@pytest.mark.parametrize("name", SIMILARITIES.own_names())
def test_the_saved_bands_are_5_and_95_percent_of_the_mismatched_pairs(name: str) -> None:
    made = made_pair()
    layers, values = layer_table(made), made.values(name)
    for column, samples in ((name, values.null_curve), (f"aps_term_{name}", values.null_aps_terms)):
        low, high = np.percentile(samples.astype(np.float64), [5, 95], axis=0)
        np.testing.assert_allclose(layers[f"{column}_null_low"], low)
        np.testing.assert_allclose(layers[f"{column}_null_high"], high)


def test_progress_is_reported(model: SpeechLM, wave: np.ndarray) -> None:
    told: list[float] = []
    analyze_pair(model, wave, TEXT, null=False, max_new_tokens=1, report=lambda share, _what: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_without_null_reference(model: SpeechLM, wave: np.ndarray) -> None:
    result = analyze_pair(model, wave, TEXT, null=False, max_new_tokens=1)
    assert result.cosine.null_curve.shape[0] == 0
    assert not [name for name in layer_table(result) if name.endswith("_null_low") and "monotonicity" not in name]
    summary = summary_table(result).set_index("column")
    assert summary.loc[["aps_cosine", "cosine_similarity"], ["null_low", "null_high", "z_score"]].isna().all(axis=None)
    assert result.aps_z_score("cosine") is None


def test_transcript_of_one_token_has_no_monotonicity(model: SpeechLM, wave: np.ndarray) -> None:
    result = analyze_pair(model, wave, "x", null=False, max_new_tokens=1)
    assert len(result.text_tokens) == 1
    assert np.isnan(result.cosine.monotonicity).all()
    assert np.isnan(result.mean_monotonicity("cosine"))
    assert not np.isnan(result.aps("cosine"))


def test_a_transcript_that_does_not_fit_is_told(model: SpeechLM, wave: np.ndarray) -> None:
    result = analyze_pair(model, wave, "word " * 20, null=False, max_new_tokens=1)
    assert any("does not seem to fit the sound" in warning for warning in result.warnings)


def test_bad_input(model: SpeechLM, wave: np.ndarray) -> None:
    with pytest.raises(TranscriptError, match="The transcript is empty"):
        analyze_pair(model, wave, "  ")
    with pytest.raises(AudioError, match="There is no file"):
        analyze_pair(model, "missing.wav", TEXT)
    with pytest.raises(AudioError, match="not finite numbers"):
        analyze_pair(model, np.array([0.1, np.nan] * 4000, dtype=np.float32), TEXT)
    with pytest.raises(AudioError, match="is silent"):
        analyze_pair(model, np.zeros(8000, np.float32), TEXT)


def test_result_is_frozen(result: PairResult) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.name = "other"  # type: ignore[misc]


def test_spans_of_a_short_last_token() -> None:
    assert speech_spans_s(3, 40.0, 0.1).tolist() == [[0.0, 0.04], [0.04, 0.08], [0.08, 0.1]]
