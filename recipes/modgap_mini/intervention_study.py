"""Do the paper's interventions repair modgap-mini? Its held-out questions, spoken by unknown voices.

The table's accuracy is measured on all clips. Then settings are searched for on the development half of the
questions, by the log-probability of the right answer, and the best of each method is confirmed on the other
half, by accuracy. Nothing of the confirmation half takes part in the search. Clips of one question and of one voice are
crossed clusters in every interval and test.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from modgap_core.audio.clip import Clip
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.method import is_other_transcript, uses_of
from modgap_core.interventions.other_question import OtherQuestion, n_tokens
from modgap_core.interventions.outcome import SPEECH, TEXT
from modgap_core.interventions.paper_table import table_conditions
from modgap_core.interventions.prepared_pair import PreparedPair, prepare_pair
from modgap_core.interventions.run import batched_answers, score_plans, with_other
from modgap_core.interventions.sweep import Grid, sweep
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.same_words import same_words
from modgap_core.scoring.expected import Expected
from modgap_core.statistics import PairedDifference, holm, paired_difference
from recipes.modgap_mini.clips import Clips
from recipes.modgap_mini.progress import Progress

GROUP = "unknown"
STUDY_FILE = "interventions.json"
_SEED = 17
_MAX_NEW_TOKENS = 24
_INJECTED = "injected "


@dataclass(frozen=True)
class Accuracy:
    """Accuracy of one run over many clips.

    Attributes:
        run: text, speech or a condition's label.
        uses: what the edit's states are made of.
        accuracy: share of right answers.
        gain: accuracy minus that of the unedited speech.
        gain_low: lower end of its 95 percent interval over crossed clusters, questions and voices.
        gain_high: upper end.
        mde: smallest gain that so many clusters find at 5 percent with a power of 80 percent;
            None where no clip differs.
        p: two-sided sign-flip test, the larger p of questions and voices.
        p_holm: adjusted over the edits of the table; None for text and speech.
        n_clips: clips.
        n_questions: clusters by question.
        n_voices: clusters by voice.
        answers_injected: share of answers that answer the question of another transcript; None where none was
            written in.
    """

    run: str
    uses: str
    accuracy: float
    gain: float
    gain_low: float
    gain_high: float
    mde: float | None
    p: float
    p_holm: float | None
    n_clips: int
    n_questions: int
    n_voices: int
    answers_injected: float | None


def _pair(model: SpeechLM, clips: Clips, i: int) -> PreparedPair:
    return prepare_pair(model, Clip(clips.samples(i), str(i)), str(clips.table.text.iat[i]))


def _other_questions(model: SpeechLM, clips: Clips) -> list[OtherQuestion]:
    """All questions of the clips, each once."""
    once = clips.table.drop_duplicates("text")
    said = zip(once.text.astype(str), once.answer.astype(str), strict=True)
    return [OtherQuestion(text, text, Expected(answer), n_tokens(model, text)) for text, answer in said]


def right_answers(
    model: SpeechLM, clips: Clips, numbers: Sequence[int], conditions: Sequence[Condition], name: str
) -> pd.DataFrame:
    """Right or wrong for text, speech and each condition; one row a clip, with its question and voice.

    Columns ``injected RUN``: whether the answer is the one to the question of the other transcript.
    """
    progress, rows = Progress(name, len(numbers)), []
    questions = _other_questions(model, clips)
    for i in numbers:
        expected = Expected(str(clips.table.answer.iat[i]))
        pair = with_other(model, _pair(model, clips, i), questions, expected)
        answers = batched_answers(model, pair, [pair.plan(c) for c in conditions], _MAX_NEW_TOKENS)
        labels = (TEXT, SPEECH, *(c.label for c in conditions))
        said = dict(zip(labels, answers, strict=True))
        right = {label: same_words(answer, expected.reference) for label, answer in said.items()}
        other = pair.other.question.expected.reference if pair.other is not None else ""
        asked = [label for label in said if label == SPEECH or is_other_transcript(label)]
        injected = {f"{_INJECTED}{label}": same_words(said[label], other) for label in asked if other}
        rows.append(
            progress.tick({"question": clips.table.text.iat[i], "voice": clips.table.voice.iat[i], **right, **injected})
        )
    return pd.DataFrame(rows)


def accuracies(right: pd.DataFrame) -> list[Accuracy]:
    """Accuracy of each run, and its gain over speech; intervals and tests over crossed clusters."""
    runs = [c for c in right if c not in ("question", "voice") and not str(c).startswith(_INJECTED)]
    clusters = [right.question.to_numpy(), right.voice.to_numpy()]
    found = {run: paired_difference(right[run].astype(float), right[SPEECH].astype(float), clusters) for run in runs}
    edited = [run for run in runs if run not in (TEXT, SPEECH)]
    adjusted = dict(zip(edited, holm([found[run].p_value for run in edited]).tolist(), strict=True))
    return [_accuracy(str(run), right, found[run], adjusted.get(run)) for run in runs]


def _accuracy(run: str, right: pd.DataFrame, found: PairedDifference, p_holm: float | None) -> Accuracy:
    gain, injected = found.difference, right.get(f"{_INJECTED}{run}")
    return Accuracy(
        run=run,
        uses=uses_of(run),
        accuracy=round(found.a / 100, 4),
        gain=round(gain.value / 100, 4),
        gain_low=round(gain.low / 100, 4),
        gain_high=round(gain.high / 100, 4),
        mde=None if math.isnan(found.mde) else round(found.mde / 100, 4),
        p=round(found.p_value, 5),
        p_holm=None if p_holm is None else round(p_holm, 5),
        n_clips=len(right),
        n_questions=right.question.nunique(),
        n_voices=right.voice.nunique(),
        answers_injected=None if injected is None else round(float(injected.mean()), 4),
    )


def search(model: SpeechLM, clips: Clips, numbers: Sequence[int], grid: Grid) -> pd.DataFrame:
    """Mean gain of the right answer's log-probability for each setting, best first."""
    conditions, progress = grid.conditions(), Progress("search", len(numbers))
    gains = []
    for i in numbers:
        pair, reference = _pair(model, clips, i), str(clips.table.answer.iat[i])
        unedited = float(score_plans(model, pair, [None], reference).logprobs[0])
        values = [v for part in sweep(model, pair, conditions, reference) for v in part]
        gains.append(progress.tick(np.array(values) - unedited))
    table = pd.DataFrame({"condition": conditions, "gain": np.mean(gains, axis=0)})
    return table.sort_values("gain", ascending=False, kind="stable")


def best_of_each_method(found: pd.DataFrame) -> list[Condition]:
    """The first setting of each method in a table that `search` returned."""
    methods = found.condition.map(lambda condition: condition.method)
    return [found[methods == method].condition.iat[0] for method in dict.fromkeys(methods)]


def study_interventions(model: SpeechLM, clips: Clips, out: Path) -> None:
    """The whole study, written as ``interventions.json`` into ``out``."""
    questions = list(dict.fromkeys(clips.table.text))
    order = np.random.default_rng(_SEED).permutation(len(questions))
    development = {questions[i] for i in order[: len(order) // 2]}
    halves = {True: [], False: []}  # type: dict[bool, list[int]]
    for i, text in enumerate(clips.table.text):
        halves[text in development].append(i)
    table = accuracies(right_answers(model, clips, range(len(clips)), table_conditions(), "the paper's table"))
    methods = ("angle", "length", "both")
    grid = Grid(methods, ks=(1, 3, 5, 0), edit_layers=tuple(range(model.n_layers)), strengths=(0.25, 0.5, 1.0))
    found = search(model, clips, halves[True], grid)
    chosen = best_of_each_method(found)
    confirmed = accuracies(right_answers(model, clips, halves[False], chosen, "confirmation"))
    figures = {
        "model_hash": model.identity.content_hash,
        "voices": GROUP,
        "table": [asdict(row) for row in table],
        "search": {
            "n_settings": len(found),
            "n_clips": len(halves[True]),
            "best": [
                {"run": c.label, "mean_logprob_gain": round(float(found[found.condition == c].gain.to_numpy()[0]), 4)}
                for c in chosen
            ],
        },
        "confirmation": [asdict(row) for row in confirmed],
    }
    (out / STUDY_FILE).write_text(json.dumps(figures, indent=1), encoding="utf-8")
