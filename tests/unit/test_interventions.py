"""Interventions: arithmetic by hand, choice of tokens, batched against single runs, bad input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.transform import Rotation, Slerp

from modgap_core.analysis.pair import analyze_pair
from modgap_core.audio.clip import Clip
from modgap_core.errors import InterventionError, ResultError
from modgap_core.interventions.condition import Condition, parse_layers
from modgap_core.interventions.edits import Plan, batch_edits, edited_tokens, undefined_tokens
from modgap_core.interventions.method import METHODS
from modgap_core.interventions.methods.angle_projection import angle_projection
from modgap_core.interventions.methods.calibration import calibration
from modgap_core.interventions.methods.length_normalization import length_normalization
from modgap_core.interventions.other_question import shipped_questions
from modgap_core.interventions.paper_table import table_conditions
from modgap_core.interventions.prepared_pair import prepare_pair
from modgap_core.interventions.run import batched_answers, intervene, score_plans, with_other
from modgap_core.interventions.store import load_intervention, save_intervention
from modgap_core.interventions.sweep import BATCH, Grid, sweep, sweep_table
from modgap_core.interventions.tables import outcome_table
from modgap_core.interventions.token_choice import TokenChoice, TokenPair, choose_tokens, path_pairs
from modgap_core.metrics import SIMILARITIES
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.scoring.expected import Expected
from tests.tolerances import CLOSE, FEW_ROUNDINGS, assert_close, assert_close_to_size, assert_same_answer

TEXT = "hello you"
SPEECH_STATES = torch.tensor([[3.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, -2.0, 0.0]])
TEXT_STATES = torch.tensor([[0.0, 4.0, 0.0], [0.0, 5.0, 0.0], [0.0, 6.0, 0.0]])


# -- arithmetic ---------------------------------------------------------------------------------


@pytest.mark.numeric
def test_angle_projection_keeps_length_and_takes_direction() -> None:
    speech, text = torch.randn(7, 16), torch.randn(7, 16)
    new = angle_projection(speech, text)
    assert_allclose(new.norm(dim=-1), speech.norm(dim=-1), rtol=FEW_ROUNDINGS)
    assert_allclose(torch.cosine_similarity(new, text), np.ones(7), atol=FEW_ROUNDINGS)


def test_partial_angle_is_the_great_circle_of_scipy() -> None:
    start, end = np.array([1.0, 0.0, 0.0]), np.array([np.cos(1.2), np.sin(1.2), 0.0])
    rotations = Rotation.from_rotvec([[0, 0, 0], [0, 0, 1.2]])
    for strength in (0.1, 0.5, 0.9):
        expected = Slerp([0, 1], rotations)(strength).apply(start) * 2
        new = angle_projection(torch.tensor(2 * start)[None], torch.tensor(end * 9)[None], strength)
        assert_allclose(new[0], expected, atol=FEW_ROUNDINGS)


@pytest.mark.numeric
def test_length_normalization_keeps_direction_and_takes_length() -> None:
    speech, text = torch.randn(7, 16), torch.randn(7, 16)
    new = length_normalization(speech, text)
    assert_allclose(new.norm(dim=-1), text.norm(dim=-1), rtol=FEW_ROUNDINGS)
    assert_allclose(torch.cosine_similarity(new, speech), np.ones(7), atol=FEW_ROUNDINGS)


def test_both_is_the_text_state() -> None:
    plan = Plan(Condition("both"), (TokenPair(0, 1, 0.0),))
    assert_allclose(edited_tokens(plan, SPEECH_STATES, TEXT_STATES), TEXT_STATES[1:2], atol=FEW_ROUNDINGS)


def test_zero_length_and_opposite_directions_keep_their_state() -> None:
    pairs = tuple(TokenPair(i, i, 0.0) for i in range(3))
    plan = Plan(Condition("angle", strength=0.5), pairs)
    assert undefined_tokens(plan, SPEECH_STATES, TEXT_STATES) == (1, 2)
    new = edited_tokens(plan, SPEECH_STATES, TEXT_STATES)
    assert_allclose(new[0], [3 / np.sqrt(2), 3 / np.sqrt(2), 0.0], rtol=FEW_ROUNDINGS)
    assert_array_equal(new[1:], SPEECH_STATES[1:])
    assert undefined_tokens(Plan(Condition("angle"), pairs), SPEECH_STATES, TEXT_STATES) == (1,)


@pytest.mark.parametrize(("speech", "text"), [(1, 2), (1, 0), (2, 0)])
def test_a_token_without_a_new_state_keeps_its_own_and_no_other(speech: int, text: int) -> None:
    plan = Plan(Condition("angle", strength=0.5), (TokenPair(speech, text, 0.0),))
    assert_array_equal(edited_tokens(plan, SPEECH_STATES, TEXT_STATES), SPEECH_STATES[[speech]])


@pytest.mark.numeric
def test_calibration_matches_mean_and_deviation() -> None:
    speech, text = torch.randn(40, 8) * 3 + 1, torch.randn(9, 8)
    new = calibration(speech, text)
    assert_allclose(new.mean(0), text.mean(0), atol=FEW_ROUNDINGS)
    assert_allclose(new.std(0, correction=0), text.std(0, correction=0), rtol=FEW_ROUNDINGS)


def test_random_direction_has_the_length_and_depends_on_the_seed() -> None:
    pairs = (TokenPair(0, 0, 0.0),)
    one, other = (
        edited_tokens(Plan(Condition("random-direction", seed=seed), pairs), SPEECH_STATES, TEXT_STATES)
        for seed in (0, 1)
    )
    assert_allclose(one.norm(), 3.0, rtol=FEW_ROUNDINGS)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("method", METHODS.own_names())
def test_strength_zero_and_identity_change_no_bit(method: str) -> None:
    pairs = tuple(TokenPair(i, i, 0.0) for i in range(3))
    plan = Plan(Condition(method, strength=0.0), pairs)
    assert torch.equal(edited_tokens(plan, SPEECH_STATES, TEXT_STATES), SPEECH_STATES)


def test_edit_touches_only_its_tokens_in_its_row() -> None:
    states = torch.randn(3, 10, 3)
    plan = Plan(Condition("both"), (TokenPair(1, 2, 0.0),))
    edit = batch_edits([None, plan, None], slice(4, 7), TEXT_STATES.expand(2, -1, -1))[0]
    changed = edit(states, torch.ones(3, 10, dtype=torch.bool)) != states
    assert changed.any(-1).nonzero().tolist() == [[1, 5]]


# -- tokens -------------------------------------------------------------------------------------

SCORES = np.array([[0.9, 0.1, 0.7], [0.2, 0.3, 0.1], [0.0, 0.2, 0.2], [0.1, 0.0, 0.4]], dtype=np.float32)
PATH = SCORES.argmax(axis=0)  # 0, 1, 0


def test_a_shared_token_goes_to_its_best_text_token_and_worst_comes_first() -> None:
    assert [(p.speech, p.text) for p in path_pairs(SCORES, PATH)] == [(1, 1), (0, 0)]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("bottom:1", [(1, 1)]),
        ("bottom:9", [(1, 1), (0, 0)]),
        ("all", [(1, 1), (0, 0)]),
        ("picked:3,0,3", [(3, 2), (0, 0)]),
        ("span", [(2, 1), (1, 1), (3, 2), (0, 0)]),
    ],
)
def test_choices_by_hand(choice: str, expected: list[tuple[int, int]]) -> None:
    chosen = choose_tokens(TokenChoice.parse(choice), SCORES, PATH)
    assert [(p.speech, p.text) for p in chosen] == expected


def test_random_takes_as_many_as_bottom() -> None:
    chosen = choose_tokens(TokenChoice("random", k=3), SCORES, PATH)
    assert len({p.speech for p in chosen}) == 2


def test_random_tokens_depend_on_the_seed() -> None:
    """Of forty speech tokens three: twenty seeds give many choices, each seed always the same one."""
    scores = np.eye(40, 3, dtype=np.float32)
    path = scores.argmax(axis=0)

    def chosen(seed: int) -> frozenset[int]:
        return frozenset(p.speech for p in choose_tokens(TokenChoice("random", k=3, seed=seed), scores, path))

    assert len({chosen(seed) for seed in range(20)}) > 10
    assert all(chosen(seed) == chosen(seed) for seed in range(20))


def test_text_tokens_without_partner_are_left_out() -> None:
    assert [p.text for p in path_pairs(SCORES, np.array([0, -1, 0]))] == [0]


@pytest.mark.parametrize("text", ["bottom:3", "all", "random:2", "picked:4,7", "span"])
def test_labels_read_back(text: str) -> None:
    assert TokenChoice.parse(text).label == text


# -- runs ---------------------------------------------------------------------------------------


@pytest.mark.numeric
def test_batched_answers_equal_single_ones(model: SpeechLM, wave: np.ndarray) -> None:
    pair = prepare_pair(model, Clip(wave, "noise"), TEXT)
    pair = with_other(model, pair, shipped_questions(model), Expected())
    plans = [pair.plan(c) for c in (*table_conditions(), Condition(edit_layers=(1, 2), strength=0.5))]
    batched = batched_answers(model, pair, plans, 6)
    text, encoded = model.encode_text([TEXT]), model.encode_speech([wave])
    assert_same_answer(batched[0], model.generate(text, max_new_tokens=6)[0], model, text)
    assert_same_answer(batched[1], model.generate(encoded, max_new_tokens=6)[0], model, encoded)
    start = int(encoded.span[0].nonzero()[0])
    where = slice(start, start + pair.scores.shape[1])
    for plan, answer in zip(plans, batched[2:], strict=True):
        edits = batch_edits([plan], where, pair.text_states)
        assert_same_answer(answer, model.generate(encoded, edits, 6)[0], model, encoded, edits)


@pytest.mark.numeric
def test_unedited_geometry_is_that_of_the_pair(model: SpeechLM, wave: np.ndarray) -> None:
    result = intervene(model, wave, TEXT, [Condition("identity")], reference="hi", max_new_tokens=4)
    pair = analyze_pair(model, wave, TEXT, null=False, max_new_tokens=4)
    for outcome in (result.speech, *result.edited):
        for name in SIMILARITIES.own_names():
            values = outcome.values(name)
            assert values is not None
            assert_close_to_size(values.matrix, pair.values(name).matrix)
            assert_close_to_size(values.curve, pair.values(name).curve)
        assert_same_answer(outcome.answer, pair.answers.speech, model, model.encode_speech([wave]), n_tokens=4)
    assert_same_answer(result.text.answer, pair.answers.text, model, model.encode_text([TEXT]), n_tokens=4)


@pytest.mark.numeric
def test_full_text_states_on_every_path_token_bring_the_cosine_to_one(model: SpeechLM, wave: np.ndarray) -> None:
    result = intervene(model, wave, TEXT, [Condition("both", TokenChoice("all"))], max_new_tokens=2)
    outcome = result.edited[0]
    assert outcome.cosine is not None
    at_pairs = [outcome.cosine.matrix[0, p.speech, p.text] for p in outcome.pairs]
    assert_allclose(at_pairs, np.ones(len(at_pairs)), atol=CLOSE)
    assert outcome.aps("cosine") > result.speech.aps("cosine")


@pytest.mark.numeric
def test_target_logprob_and_kl_against_a_plain_recompute(model: SpeechLM, wave: np.ndarray) -> None:
    pair = prepare_pair(model, Clip(wave, "noise"), TEXT)
    plan = pair.plan(Condition("angle", TokenChoice("all")))
    scored = score_plans(model, pair, [None, plan], "abc")
    ids = model.tokenizer("abc", add_special_tokens=False, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        inputs = dict(model.encode_speech([wave]).inputs)
        inputs["input_ids"] = torch.cat([inputs["input_ids"], ids], dim=1)
        inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
        logits = model.adapter.model(**inputs).logits[0].float().log_softmax(-1)
    rows = logits[-ids.shape[1] - 1 : -1]
    assert_close_to_size(float(scored.logprobs[0]), float(rows.gather(-1, ids.T).sum()))
    assert_close(scored.first[0], rows[0])
    first = intervene(model, wave, TEXT, [plan.condition], reference="abc", max_new_tokens=2)
    p, q = scored.first[0], scored.first[1]
    expected = torch.nn.functional.kl_div(q, p, log_target=True, reduction="sum")
    assert_allclose(first.edited[0].kl_from_speech, float(expected), rtol=0.05, atol=CLOSE**2)
    assert first.edited[0].top_tokens[0].probability == pytest.approx(float(q.exp().max()), rel=1e-3)


@pytest.mark.numeric
def test_later_layers_leave_earlier_ones_alone(model: SpeechLM, wave: np.ndarray) -> None:
    result = intervene(model, wave, TEXT, [Condition("both", TokenChoice("all"), edit_layers=(2,))], max_new_tokens=2)
    before, after = result.speech.cosine, result.edited[0].cosine
    assert before is not None
    assert after is not None
    assert_close_to_size(after.matrix[:2], before.matrix[:2])
    assert np.abs(after.matrix[2] - before.matrix[2]).max() > 1e-2


@pytest.mark.numeric
def test_sweep_equals_single_runs_and_its_table_names_every_setting(model: SpeechLM, wave: np.ndarray) -> None:
    pair = prepare_pair(model, Clip(wave, "noise"), TEXT)
    grid = Grid(ks=(1, 2, 0), edit_layers=(0, 1), strengths=(0.5, 1.0))
    conditions = grid.conditions()
    parts = list(sweep(model, pair, conditions, "abc"))
    assert [len(part) for part in parts] == [BATCH, len(conditions) - BATCH]
    values = [v for part in parts for v in part]
    for number in (0, 7, 33):
        single = score_plans(model, pair, [pair.plan(conditions[number])], "abc")
        assert_close_to_size(values[number], float(single.logprobs[0]))
    table = sweep_table(conditions, values)
    assert len(table.drop_duplicates(["method", "k", "edit_layer", "strength"])) == 36
    assert table.target_logprob.tolist() == values


def test_results_read_back(model: SpeechLM, wave: np.ndarray, tmp_path: Path) -> None:
    result = intervene(model, wave, TEXT, [Condition("angle", TokenChoice("picked", picked=(1, 2)))], max_new_tokens=3)
    again = load_intervention(save_intervention(result, tmp_path))
    assert outcome_table(again).equals(outcome_table(result))
    assert again.edited[0].condition == result.edited[0].condition
    assert again.edited[0].pairs == result.edited[0].pairs
    assert_array_equal(again.edited[0].cosine.matrix, result.edited[0].cosine.matrix)  # type: ignore[union-attr]
    (tmp_path / "arrays.safetensors").write_bytes(b"x")
    with pytest.raises(ResultError, match="is broken"):
        load_intervention(tmp_path)


def test_an_empty_target_is_undefined_and_no_sweep(tiny_models: dict[str, SpeechLM], wave: np.ndarray) -> None:
    model = tiny_models["lslm-qwen2"]
    pair = prepare_pair(model, Clip(wave, "noise"), TEXT)
    assert torch.isnan(score_plans(model, pair, [None], "").logprobs).all()
    with pytest.raises(InterventionError, match="give a reference answer"):
        next(sweep(model, pair, [Condition()], ""))


def test_notes_say_what_a_visitor_should_know(tiny_models: dict[str, SpeechLM], wave: np.ndarray) -> None:
    result = intervene(tiny_models["lslm-llama"], wave, "a", [Condition()], max_new_tokens=1)
    notes = " ".join(result.notes)
    assert "No reference answer is known" in notes
    assert "The transcript has one token" in notes
    assert len(result.edited[0].pairs) == 1


# -- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Condition(strength=1.5), "The strength is 1.5; it must lie between 0 and 1"),
        (lambda: Condition(strength=float("nan")), "The strength is nan"),
        (lambda: Condition(edit_layers=()), "No layer is chosen for the edit"),
        (lambda: TokenChoice("top"), "Unknown choice of tokens 'top'; choose from bottom, all"),
        (lambda: TokenChoice.parse("bottom:0"), "k is 0; at least one token"),
        (lambda: TokenChoice.parse("picked:"), "No speech token is picked"),
        (lambda: TokenChoice.parse("bottom:three"), "holds no whole numbers"),
        (lambda: TokenChoice.parse("bottom:1,2"), "has several numbers"),
        (lambda: parse_layers("first"), "'first' names no layers"),
        (lambda: Grid(strengths=()).conditions(), "The sweep has 0 settings"),
        (lambda: Grid(ks=tuple(range(1, 2000))).conditions(), "choose between 1 and 5000"),
    ],
)
def test_bad_settings(make: object, message: str) -> None:
    with pytest.raises(InterventionError, match=message):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (Condition(edit_layers=(3,)), "Layer 3 cannot be edited; this model lets the layers 0 to 2 be changed"),
        (Condition(path_layer=9), "There is no path at layer 9; this model has the layers 0 to 3"),
        (Condition(tokens=TokenChoice("picked", picked=(400,))), "There is no speech token 400"),
    ],
)
def test_conditions_that_do_not_fit_the_pair(
    tiny_models: dict[str, SpeechLM], wave: np.ndarray, condition: Condition, message: str
) -> None:
    with pytest.raises(InterventionError, match=message):
        intervene(tiny_models["lslm-qwen2"], wave, TEXT, [condition])
