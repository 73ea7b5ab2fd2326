"""One verdict on an answer wherever it stands: corpus, pair, intervention, page, command line, files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.corpus.cache import request_of
from dashboard.shared.verdict import UNKNOWN, compared_with, verdict
from modgap_core import (
    Condition,
    Expected,
    PairResult,
    analyze_pair,
    intervene,
    load_intervention,
    load_result,
    save_intervention,
    save_result,
)
from modgap_core.audio.load import load_audio
from modgap_core.cli.command_line import main
from modgap_core.corpus.manifest.read import Manifest, read_manifest
from modgap_core.corpus.read.scored_runs import scored_runs
from modgap_core.corpus.read.tables import ScoredRun
from modgap_core.corpus.run import run_corpus
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.corpus.store.run_folder import RunFolder, load_run
from modgap_core.errors import ModGapError
from modgap_core.interventions.outcome import InterventionResult
from modgap_core.interventions.paper_table import table_conditions
from modgap_core.interventions.prepared_pair import prepare_pair
from modgap_core.interventions.run import score_plans
from modgap_core.interventions.tables import outcome_table
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.results.tables import answer_table
from modgap_core.scoring.score import Score

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "assets" / "mini-corpus"
SWAN = Expected("D", "mcq", {"choices": ["caterpillar", "calf", "duckling", "cygnet"]})


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Multiple choice that modgap-mini gets right and wrong in speech, and one open question."""
    folder = tmp_path_factory.mktemp("corpus")
    table = pd.read_csv(CORPUS / "manifest.csv")
    scored = scored_runs(load_run(ROOT / "assets" / "runs" / "modgap-mini"))[0].wide.set_index("id")
    asked = scored[scored.task == "mcq"]
    ids = [asked.index[asked.speech == 1][0], asked.index[asked.speech == 0][0], scored.index[scored.task == "qa"][0]]
    chosen = table[table.id.isin(ids)].assign(audio=[str(CORPUS / a) for a in table[table.id.isin(ids)].audio])
    chosen.to_csv(folder / "three.csv", index=False)
    return read_manifest(folder / "three.csv")


@pytest.fixture(scope="module")
def run(manifest: Manifest, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    settings = CorpusSettings(asr="mini", conditions=table_conditions(), n_null=0, max_new_tokens=24)
    return run_corpus(manifest, [None], tmp_path_factory.mktemp("runs") / "three", settings)


@pytest.fixture(scope="module")
def scored(run: RunFolder) -> ScoredRun:
    return scored_runs(run)[0]


@pytest.fixture(scope="module")
def swan(mini: SpeechLM) -> InterventionResult:
    return intervene(mini, CORPUS / "audio" / "000.ogg", "how do you call a baby swan", [Condition()], reference=SWAN)


def test_corpus_pair_and_intervention_come_to_one_verdict(
    mini: SpeechLM, manifest: Manifest, scored: ScoredRun
) -> None:
    values = scored.wide.set_index("row")
    verdicts = set()
    for item in manifest.items:
        corpus = values.loc[item.row]
        pair = analyze_pair(mini, item.clip(), item.transcript, reference=item.expected, null=False, max_new_tokens=24)
        assert pair.score(pair.answers.text).value == corpus.text
        assert pair.score(pair.answers.speech).value == corpus.speech
        table = answer_table(pair).set_index("input")
        changed = intervene(mini, item.clip(), item.transcript, reference=item.expected, max_new_tokens=24)
        rows = outcome_table(changed).set_index("run")
        own = [name for name in scored.interventions if not name.startswith("other")]  # a corpus has its own others
        for name in ("text", "speech", *own):
            assert rows.right[name] == (corpus[name] >= 0.5), (item.id, name)
        for side in ("text", "speech"):
            assert table.right[side] == rows.right[side]
        verdicts |= {(item.task, bool(right)) for right in rows.right}
    assert {("mcq", True), ("mcq", False), ("qa", True)} <= verdicts


def test_the_target_is_the_options_text_and_its_probability_that_of_the_text(
    mini: SpeechLM, swan: InterventionResult
) -> None:
    assert swan.target == "cygnet"
    pair = prepare_pair(mini, load_audio(CORPUS / "audio" / "000.ogg"), swan.transcript)
    alone = score_plans(mini, pair, [None], "cygnet")
    assert swan.speech.target_logprob == pytest.approx(float(alone.logprobs[0]), rel=1e-3)


@pytest.mark.parametrize(
    ("expected", "target", "words"),
    [
        (SWAN, "cygnet", "D (cygnet)"),
        (replace(SWAN, reference="duckling"), "duckling", "C (duckling)"),
        (Expected("B. a dog", "mcq"), "B", "B"),
        (Expected("", "mcq", SWAN.details), "", ""),
        (Expected(" | vienna |wien"), "vienna", "vienna or wien"),
        (Expected(), "", ""),
        (Expected("", "refusal"), "", "a refusal"),
    ],
)
def test_targets(expected: Expected, target: str, words: str) -> None:
    assert (expected.target, expected.words) == (target, words)


def test_where_no_answer_is_known_the_answer_to_the_text_is_followed(mini: SpeechLM) -> None:
    unknown = Expected("", "mcq", SWAN.details)
    result = intervene(mini, CORPUS / "audio" / "000.ogg", "how do you call a baby swan", [], reference=unknown)
    assert result.target == result.text.answer
    assert outcome_table(result).right.isna().all()
    assert "No reference answer is known" in " ".join(result.notes)


def test_an_open_question_is_right_where_the_answer_contains_a_reference() -> None:
    asked = Expected("vienna|wien")
    assert verdict(asked.score("", "It is Wien."), asked) == "right"
    assert verdict(asked.score("", "it is rome"), asked) == "wrong; expected: vienna or wien"
    assert verdict(Expected().score("", "it is rome"), Expected()) == UNKNOWN
    assert verdict(Score(float("nan"), "no judge"), asked) == "not judged: no judge"
    assert Score(0.5, "half").is_right
    assert Score(0.49, "less").is_right is False


def test_the_first_scorer_of_a_task_gives_the_verdict() -> None:
    """Token F1 would give 2/5, and VoiceBench's templates a quarter for a guess."""
    assert Expected("vienna").score("", "it is the city vienna").value == 1
    assert Expected("B", "mcq", {"choices": ["calf", "cygnet"]}).score("", "Answer: A").value == 0


def test_what_differs_is_marked_against_a_whole_answer(swan: InterventionResult) -> None:
    assert compared_with(swan) == (swan.text.answer, "answer to the transcript")
    spoken = replace(swan, expected=Expected("a baby swan is a cygnet"), target="a baby swan is a cygnet")
    assert compared_with(spoken) == ("a baby swan is a cygnet", "right answer")


def test_saved_results_keep_task_and_choices(mini: SpeechLM, swan: InterventionResult, tmp_path: Path) -> None:
    clip = CORPUS / "audio" / "000.ogg"
    pair = analyze_pair(mini, clip, swan.transcript, reference=SWAN, null=False, max_new_tokens=24)
    again = load_result(save_result(pair, tmp_path / "pair"))
    assert again.answers == pair.answers
    assert again.score("a cygnet").is_right
    changed = load_intervention(save_intervention(swan, tmp_path / "change"))
    assert changed.expected == SWAN
    assert outcome_table(changed).right.tolist() == outcome_table(swan).right.tolist()
    assert json.loads((tmp_path / "pair" / "result.json").read_text())["right"]["text"] is True


def test_results_saved_before_there_were_tasks_open(mini: SpeechLM, tmp_path: Path) -> None:
    clip, text, said = CORPUS / "audio" / "001.ogg", "tell me seventeen plus three", "seventeen plus three is twenty"
    pair = analyze_pair(mini, clip, text, reference=said, null=False, max_new_tokens=24)
    changed = intervene(mini, clip, text, [], reference=said, max_new_tokens=24)
    save_result(pair, tmp_path / "pair")
    save_intervention(changed, tmp_path / "change")
    for folder in ("pair", "change"):
        path = tmp_path / folder / "result.json"
        header = json.loads(path.read_text())
        for name in ("task", "details", "scorer", "right"):
            header.pop(name, None)
        for outcome in header.get("outcomes", ()):
            outcome.pop("right")
        path.write_text(json.dumps(header))
    assert load_result(tmp_path / "pair").answers == pair.answers
    assert load_intervention(tmp_path / "change").expected == Expected(said)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--task", "quiz"], "Unknown task 'quiz'; choose from qa, mcq, refusal, ifeval, none."),
        (["--task", "mcq", "--reference", "the swan", "--choices", "a|b"], "give a letter from A to D, or the text"),
        (["--reference", "A", "--choices", "one|two"], "choices belong to the task 'mcq'"),
        (["--task", "mcq", "--reference", "D", "--choices", "one|two"], "The right answer is D, but there are 2 choic"),
        (["--task", "mcq", "--reference", "A", "--choices", "1|2|3|4|5"], "There are 5 choices; give up to 4, A to D"),
        (["--task", "ifeval"], "needs the instructions of its data set; run it as a corpus"),
    ],
)
@pytest.mark.parametrize("command", ["analyze", "intervene"])
def test_what_does_not_go_together_is_told(
    command: str, options: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [command, str(CORPUS / "audio" / "000.ogg"), "--text", "how", "--out", str(tmp_path / "r"), *options]
    assert main(arguments) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_the_command_line_judges_by_the_task(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip, text = str(CORPUS / "audio" / "000.ogg"), "how do you call a baby swan"
    asked = ["--task", "mcq", "--reference", "D", "--choices", "|".join(SWAN.choices), "--max-new-tokens", "24"]
    assert main(["analyze", clip, "--text", text, "--out", str(tmp_path / "a"), "--no-null", *asked]) == 0
    printed = capsys.readouterr().out
    assert "cygnet (right)" in printed
    assert "reference: D (cygnet)" in printed
    assert main(["intervene", clip, "--text", text, "--out", str(tmp_path / "i"), "--method", "identity", *asked]) == 0
    assert "log p: log-probability of the answer 'cygnet'" in " ".join(capsys.readouterr().out.split())
    assert load_result(tmp_path / "a").answers.expected == SWAN


@pytest.fixture
def app(run: RunFolder, scored: ScoredRun) -> AppTest:
    """The app, its first item of the corpus chosen."""
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=120)
    app.session_state["corpus_item"] = request_of(run, scored, 0)
    app.session_state["open_corpus_item"] = True
    app.session_state["open_model"] = ""
    return app.run()


def test_the_pages_say_of_an_item_what_the_corpus_says(app: AppTest, scored: ScoredRun) -> None:
    item = scored.wide.set_index("row").loc[0]
    assert item.task == "mcq"
    assert item.text == 1.0
    shown: PairResult = app.session_state["last_result"]
    assert not app.exception
    words = [caption.value.replace("\\", "") for caption in app.caption]
    expected = shown.answers.expected
    after = words.index("Answer to the transcript")
    assert words[after + 1] == "right"
    told = words[words.index("Answer to the speech") + 1]
    assert told == ("right" if item.speech == 1.0 else f"wrong; expected: {expected.words}")
    app.switch_page("interventions/page.py").run()
    app.button(key="iv_run_table").click().run()
    table = app.dataframe[0].value.set_index("run")
    assert table.right["text"]
    assert any(f"Target answer: {expected.target}" in c.value.replace("\\", "") for c in app.caption)


def test_a_change_on_the_page_is_after_less_before(app: AppTest, mini: SpeechLM, manifest: Manifest) -> None:
    app.switch_page("interventions/page.py").run()
    app.button(key="iv_run").click().run()
    item, shown = manifest.items[0], {metric.label: metric for metric in app.metric}
    result = intervene(mini, item.clip(), item.transcript, [Condition()], reference=item.expected)
    before, after = result.speech, result.edited[0]
    changes = {
        "log p of the target": (after.target_logprob, before.target_logprob),
        "APS cosine": (after.aps("cosine"), before.aps("cosine")),
        "APS Euclidean": (after.aps("euclidean"), before.aps("euclidean")),
    }
    for label, (value, earlier) in changes.items():
        assert abs(value - earlier) > 0.02, label
        assert float(shown[label].value) == pytest.approx(value, abs=0.011)
        assert float(shown[label].delta) == pytest.approx(value - earlier, abs=0.011)


def test_what_the_asr_heard_stands_beside_the_answers(app: AppTest, scored: ScoredRun) -> None:
    heard = str(scored.results.items.set_index("row").heard[0])
    answers = scored.results.answers.set_index(["row", "condition"]).answer
    words = [markdown.value.replace("\\", "") for markdown in app.markdown]
    plain_words = [word.replace(":orange-background[", "").replace("]", "") for word in words]
    assert heard in plain_words
    assert answers[0, "pipeline"] in plain_words


def test_an_item_knows_how_it_is_judged(run: RunFolder, scored: ScoredRun, manifest: Manifest) -> None:
    for item in manifest.items:
        request = request_of(run, scored, item.row)
        assert request.expected == Expected(item.reference, item.task, item.details)
        assert request.pipeline is not None
        assert request.note == f"Item {item.id} of {run.folder.name}."
    without = replace(
        scored, results=replace(scored.results, answers=scored.results.answers.query("condition=='text'"))
    )
    assert request_of(run, without, 0).pipeline is None


def test_bad_expectations() -> None:
    with pytest.raises(ModGapError, match="Unknown task 'quiz'; choose from qa, mcq"):
        Expected(task="quiz")
    with pytest.raises(ModGapError, match="is 'a swan'; give a letter from A to D, or the text of one of the choices"):
        Expected("a swan", "mcq")
