"""Do the paper's interventions repair modgap-mini? Its held-out questions, spoken by unknown voices.

The table's accuracy is measured on all clips. Then settings are searched for on the development half of the
questions, by the log-probability of the right answer, and the best of each method is confirmed on the other
half, by accuracy. Nothing of the confirmation half takes part in the search.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import bootstrap

from modgap_core.audio.clip import Clip
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.method import Method
from modgap_core.interventions.outcome import SPEECH, TEXT
from modgap_core.interventions.paper_table import table_conditions
from modgap_core.interventions.prepared_pair import PreparedPair, prepare_pair
from modgap_core.interventions.run import batched_answers, score_plans
from modgap_core.interventions.sweep import Grid, sweep
from modgap_core.mini.clips import Clips
from modgap_core.mini.progress import Progress
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.same_words import same_words

GROUP = "unknown"
STUDY_FILE = "interventions.json"
_SEED = 17
_RESAMPLES = 10_000
_MAX_NEW_TOKENS = 24


@dataclass(frozen=True)
class Accuracy:
    """Accuracy of one run over many clips.

    Attributes:
        run: text, speech or a condition's label.
        accuracy: share of right answers.
        gain: accuracy minus that of the unedited speech.
        gain_low: 2.5 percent of the gain's bootstrap over questions.
        gain_high: 97.5 percent.
        n_clips: clips.
    """

    run: str
    accuracy: float
    gain: float
    gain_low: float
    gain_high: float
    n_clips: int


def _pair(model: SpeechLM, clips: Clips, i: int) -> PreparedPair:
    return prepare_pair(model, Clip(clips.samples(i), str(i)), str(clips.table.text.iat[i]))


def right_answers(
    model: SpeechLM, clips: Clips, numbers: Sequence[int], conditions: Sequence[Condition], name: str
) -> pd.DataFrame:
    """Right or wrong for text, speech and each condition; one row a clip, and its question."""
    progress, rows = Progress(name, len(numbers)), []
    for i in numbers:
        pair = _pair(model, clips, i)
        answers = batched_answers(model, pair, [pair.plan(c) for c in conditions], _MAX_NEW_TOKENS)
        labels = (TEXT, SPEECH, *(c.label for c in conditions))
        right = {label: same_words(a, clips.table.answer.iat[i]) for label, a in zip(labels, answers, strict=True)}
        rows.append(progress.tick({"question": clips.table.text.iat[i], **right}))
    return pd.DataFrame(rows)


def accuracies(right: pd.DataFrame) -> list[Accuracy]:
    """Accuracy of each run, and its gain over speech with a paired bootstrap interval over questions."""
    by_question = right.groupby("question").mean().astype(float)
    measured = []
    for run in by_question.columns:
        gains = (by_question[run] - by_question[SPEECH]).to_numpy()
        low, high = 0.0, 0.0
        if gains.any():
            interval = bootstrap(
                (gains,), np.mean, n_resamples=_RESAMPLES, method="percentile", rng=np.random.default_rng(_SEED)
            ).confidence_interval
            low, high = float(interval.low), float(interval.high)
        accuracy, gain, low, high = (round(float(x), 4) for x in (by_question[run].mean(), gains.mean(), low, high))
        measured.append(Accuracy(str(run), accuracy, gain, low, high, len(right)))
    return measured


def search(model: SpeechLM, clips: Clips, numbers: Sequence[int], grid: Grid) -> pd.DataFrame:
    """Mean gain of the right answer's log-probability for each setting, best first."""
    conditions, progress = grid.conditions(), Progress("search", len(numbers))
    gains = []
    for i in numbers:
        pair, reference = _pair(model, clips, i), str(clips.table.answer.iat[i])
        unedited = float(score_plans(model, pair, [None], reference, geometry=False).logprobs[0])
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
    methods = (Method.ANGLE, Method.LENGTH, Method.BOTH)
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
                {"run": c.label, "mean_logprob_gain": round(float(found[found.condition == c].gain.iat[0]), 4)}
                for c in chosen
            ],
        },
        "confirmation": [asdict(row) for row in confirmed],
    }
    (out / STUDY_FILE).write_text(json.dumps(figures, indent=1), encoding="utf-8")
