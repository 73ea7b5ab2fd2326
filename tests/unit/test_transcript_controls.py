"""The controls rolled-transcript and other-transcript, and whose question the edited speech answers."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose

from modgap_core.corpus.columns import SCORES
from modgap_core.corpus.conditions import INJECTED
from modgap_core.corpus.engine.parts import other_questions
from modgap_core.corpus.manifest.item import CorpusItem
from modgap_core.corpus.manifest.read import read_manifest
from modgap_core.corpus.read.scored_runs import scored_runs
from modgap_core.corpus.read.tables import intervention_table, scorer_table
from modgap_core.corpus.run import run_corpus
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.errors import InterventionError
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.edits import Plan, batch_edits
from modgap_core.interventions.method import METHODS, uses_of
from modgap_core.interventions.methods.angle_projection import angle_projection
from modgap_core.interventions.other_question import (
    OtherQuestion,
    OtherText,
    closest_question,
    n_tokens,
    read_other,
)
from modgap_core.interventions.outcome import SPEECH
from modgap_core.interventions.paper_table import table_conditions
from modgap_core.interventions.prepared_pair import PreparedPair, prepare_pair
from modgap_core.interventions.run import intervene, with_other
from modgap_core.interventions.store import load_intervention, save_intervention
from modgap_core.interventions.tables import outcome_table
from modgap_core.interventions.token_choice import TokenChoice, TokenPair
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.same_words import same_words
from modgap_core.scoring.expected import Expected

ASSETS = Path(__file__).parents[2] / "assets"
MANIFEST = ASSETS / "mini-corpus" / "manifest.csv"
ALL = TokenChoice("all")
ROLLED, OTHER = "rolled-transcript", "other-transcript"


@pytest.fixture(scope="module")
def items() -> tuple[CorpusItem, ...]:
    return read_manifest(MANIFEST).items


def prepared(model: SpeechLM, item: CorpusItem) -> PreparedPair:
    return prepare_pair(model, item.clip(), item.transcript)


def question(transcript: str, answer: str = "", n: int = 5) -> OtherQuestion:
    return OtherQuestion(transcript, transcript, Expected(answer, "qa" if answer else "none"), n)


# --- where the states come from ---


def test_rolled_transcript_turns_each_token_to_the_word_half_a_transcript_on(
    mini: SpeechLM, items: tuple[CorpusItem, ...]
) -> None:
    pair = prepared(mini, items[1])
    right, rolled = pair.plan(Condition(tokens=ALL)), pair.plan(Condition(ROLLED, ALL))
    n = len(pair.tokens)
    assert n > 2
    assert [p.speech for p in rolled.pairs] == [p.speech for p in right.pairs]
    assert [(p.text - q.text) % n for p, q in zip(rolled.pairs, right.pairs, strict=True)] == [n // 2] * len(
        right.pairs
    )
    assert rolled.other is None


def test_other_transcript_writes_the_other_words_states_of_each_layer(
    mini: SpeechLM, items: tuple[CorpusItem, ...]
) -> None:
    """At layers 0 and 2 the new state has the other token's direction at that layer and the speech token's length."""
    pair = prepared(mini, items[1])
    other = read_other(mini, question(items[4].transcript, n=n_tokens(mini, items[4].transcript)))
    pair = replace(pair, other=other)
    plan = pair.plan(Condition(OTHER, ALL, edit_layers=(0, 2)))
    assert [(p.speech, p.text) for p in plan.pairs] == [
        (p.speech, p.text) for p in pair.plan(Condition(tokens=ALL)).pairs
    ]
    n_own, n_other = len(pair.tokens), other.states.shape[1]
    edits = batch_edits([plan], slice(0, pair.speech_states.shape[1]), pair.text_states)
    for layer in (0, 2):
        states = pair.speech_states[layer][None]
        new = edits[layer](states, torch.ones(states.shape[:2], dtype=torch.bool))[0]
        for p in plan.pairs:
            wanted = other.states[layer, p.text * n_other // n_own]
            assert_allclose(new[p.speech], angle_projection(states[0, p.speech], wanted, 1.0), rtol=1e-5, atol=1e-6)


def test_tokens_of_a_transcript_of_another_length_keep_their_place() -> None:
    states = torch.arange(4.0).reshape(1, 4, 1)
    other = OtherText(question("a"), states)
    assert other.at_places(2)[0, :, 0].tolist() == [0, 2]
    assert other.at_places(4)[0, :, 0].tolist() == [0, 1, 2, 3]
    assert other.at_places(6)[0, :, 0].tolist() == [0, 0, 1, 2, 2, 3]


def test_other_transcript_without_another_question_is_refused(mini: SpeechLM, items: tuple[CorpusItem, ...]) -> None:
    with pytest.raises(InterventionError, match="needs another question with other words"):
        prepared(mini, items[0]).plan(Condition(OTHER))


def test_undefined_tokens_of_a_later_edit_layer_are_told(mini: SpeechLM, items: tuple[CorpusItem, ...]) -> None:
    """The other transcript's states vanish at layer 1 alone: there the tokens keep theirs."""
    from modgap_core.interventions.run import _undefined

    pair = prepared(mini, items[1])
    states = pair.text_states.clone()
    states[1] = 0
    plan = Plan(Condition(OTHER, ALL, edit_layers=(0, 1)), (TokenPair(3, 0, 0.5),), states)
    assert _undefined(pair, plan) == (3,)
    assert _undefined(pair, replace(plan, condition=Condition(OTHER, ALL))) == ()


# --- which other question ---


def test_the_other_question_is_the_closest_in_length_that_asks_for_something_else() -> None:
    several = [question("long one", "a", 9), question("Same  Words", "b", 5), question("same answer", "nile", 5)]
    several += [question("near", "c", 6), question("also near", "d", 4), question("no answer known", "", 8)]
    found = closest_question(several, "same words", Expected("nile"), 5)
    assert found is not None
    assert found.transcript == "near"
    assert closest_question(several[1:3], "same words", Expected("nile"), 5) is None


def test_a_corpus_gives_its_own_questions_each_once(mini: SpeechLM, items: tuple[CorpusItem, ...]) -> None:
    settings = CorpusSettings(conditions=table_conditions())
    found = other_questions(mini, items, settings)
    words = {tuple(item.transcript.split()) for item in items}
    assert len(found) == len({tuple(other.transcript.split()) for other in found}) == min(200, len(words))
    by_id = {item.id: item for item in items}
    assert all(by_id[other.name].transcript == other.transcript for other in found)
    assert all(other.n_tokens == n_tokens(mini, other.transcript) for other in found[:5])
    assert other_questions(mini, items, CorpusSettings()) == ()
    assert {other.name for other in other_questions(mini, items[:1], settings)} == {"null reference"}


# --- what it tells ---


def test_every_method_says_what_it_uses() -> None:
    assert {condition.method for condition in table_conditions()} <= set(METHODS.own_names())
    assert all(METHODS.get(name).uses for name in METHODS.own_names())
    for condition in table_conditions():
        assert uses_of(condition.label) == condition.edit.uses
    assert "another" in METHODS.get(OTHER).uses
    right = [name for name in METHODS.own_names() if METHODS.get(name).uses == "right transcript"]
    assert right == ["angle", "length", "both"]


def test_the_table_of_a_pair_has_the_controls_and_the_injected_question(
    mini: SpeechLM, items: tuple[CorpusItem, ...], tmp_path: Path
) -> None:
    result = intervene(mini, items[1].clip(), items[1].transcript, reference=items[1].expected, max_new_tokens=24)
    assert [o.label for o in result.edited][4:8] == [
        "rolled-transcript bottom:3",
        "rolled-transcript all",
        "other-transcript bottom:3",
        "other-transcript all",
    ]
    assert result.injected is not None
    assert result.injected.answer == mini.generate(mini.encode_text([result.injected.transcript]), max_new_tokens=24)[0]
    table = outcome_table(result).set_index("run")
    assert table.uses["angle all"] == "right transcript"
    assert table.uses["speech"] == ""
    told = table.answers_injected.notna()
    assert list(table.index[told]) == ["speech", "other-transcript bottom:3", "other-transcript all"]
    answer = table.answer["other-transcript all"]
    assert table.answers_injected["other-transcript all"] == same_words(answer, result.injected.answer)
    again = load_intervention(save_intervention(result, tmp_path / "saved"))
    assert again.injected == result.injected
    pd.testing.assert_frame_equal(outcome_table(again), outcome_table(result))


def test_a_result_without_another_question_asks_nothing(mini: SpeechLM, items: tuple[CorpusItem, ...]) -> None:
    result = intervene(mini, items[1].clip(), items[1].transcript, [Condition()], max_new_tokens=4)
    assert result.injected is None
    assert outcome_table(result).answers_injected.isna().all()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first sixteen items under the paper's table."""
    folder = tmp_path_factory.mktemp("runs") / "sixteen"
    manifest = read_manifest(MANIFEST).first(16)
    run_corpus(manifest, [None], folder, CorpusSettings(conditions=table_conditions(), max_new_tokens=24, n_null=2))
    return folder


def test_a_corpus_judges_the_injected_question_by_that_items_own_scorer(
    run: Path, mini: SpeechLM, items: tuple[CorpusItem, ...]
) -> None:
    from modgap_core.corpus.store.run_folder import load_run

    scored = scored_runs(load_run(run))[0]
    assert list(scored.results.scores.columns) == list(SCORES)
    injected = scored.results.scores[scored.results.scores.scorer == INJECTED]
    assert set(injected.condition) == {SPEECH, "other-transcript bottom:3", "other-transcript all"}
    assert not injected.is_primary.any()
    by_id = {item.id: item for item in items}
    answers = scored.results.answers.set_index(["row", "condition"]).answer
    questions = other_questions(mini, items[:16], CorpusSettings(conditions=table_conditions()))
    for row in injected.itertuples():
        other = by_id[row.rule.removeprefix("item ").partition(":")[0]]
        own = items[row.row]
        assert other.expected.score(other.transcript, answers[row.row, row.condition]).value == row.value
        pair_length = n_tokens(mini, own.transcript)
        expected = closest_question(questions, own.transcript, own.expected, pair_length)
        assert expected is not None
        assert expected.name == other.id
    table = intervention_table(scored).set_index(["task", "intervention"])
    overall = table.loc["overall"]
    values = injected[injected.condition == "other-transcript all"].value.astype(float)
    assert overall.answers_injected["other-transcript all"] == pytest.approx(100 * values.mean())
    unedited = injected[injected.condition == SPEECH].value.astype(float)
    assert overall.speech_answers_injected["other-transcript all"] == pytest.approx(100 * unedited.mean())
    assert math.isnan(overall.answers_injected["angle all"])
    assert INJECTED not in set(scorer_table(scored).scorer)


def test_another_questions_words_are_answered(run: Path) -> None:
    """What the control is for: some answers to edited speech answer the question written in; unedited ones do not."""
    scores = pd.read_parquet(run / "modgap-mini" / "tables" / "scores.parquet")
    injected = scores[scores.scorer == INJECTED].groupby("condition").value.mean()
    assert injected["other-transcript all"] > injected[SPEECH]


def test_the_answers_of_the_batch_are_those_of_the_condition_alone(
    run: Path, mini: SpeechLM, items: tuple[CorpusItem, ...]
) -> None:
    answers = pd.read_parquet(run / "modgap-mini" / "tables" / "answers.parquet").set_index(["row", "condition"]).answer
    questions = other_questions(mini, items[:16], CorpusSettings(conditions=table_conditions()))
    for item in items[1:4]:
        pair = with_other(mini, prepared(mini, item), questions, item.expected)
        for method in (ROLLED, OTHER):
            plan = pair.plan(Condition(method, ALL))
            encoded = mini.encode_speech([item.clip().samples])
            start = int(encoded.span[0].nonzero()[0])
            where = slice(start, start + pair.scores.shape[1])
            alone = mini.generate(encoded, batch_edits([plan], where, pair.text_states), 24)[0]
            assert answers[item.row, f"{method} all"] == alone
