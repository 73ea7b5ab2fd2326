"""A corpus of six items, three voices, worked by hand: what every table must say about it.

=====  =====  ====  ====  ======  ========  ========  ============  ====
row    voice  task  text  speech  pipeline  backbone  angle bottom  APS
=====  =====  ====  ====  ======  ========  ========  ============  ====
0      ann    qa    1     1       1         1         1             0.6
1      ann    qa    1     0       1         1         1             0.2
2      ann    qa    1     0       0         1         0             0.3
3      bob    qa    1     1       1         1         1             0.5
4      bob    mcq   0     0       0         1         0             0.1
5      cleo   mcq   1     0       0         1         1             0.4
6      cleo   qa    failed
=====  =====  ====  ====  ======  ========  ========  ============  ====

text - speech by voice: 2 of 3 items, 0 of 2, 1 of 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from modgap_core.corpus.columns import ANSWERS, ITEMS, LAYERS, SCORES, item_quantities, layer_quantities
from modgap_core.corpus.conditions import INJECTED
from modgap_core.corpus.read.cluster_choice import ClusterChoice
from modgap_core.corpus.read.model_regression import points_of, regression_words, try_regression
from modgap_core.corpus.read.tables import (
    TABLES_OF_RUN,
    ScoredRun,
    agreement_table,
    alignment_table,
    answer_table,
    benchmark_table,
    correlation_table,
    decomposition_table,
    gap_table,
    intervention_table,
    item_table,
    layer_curve_table,
    model_table,
    score_table,
    scorer_table,
    slice_table,
    status_table,
)
from modgap_core.corpus.store.shard import ShardTables
from modgap_core.errors import ModGapError
from modgap_core.metrics import Measures
from modgap_core.report import report_html
from modgap_core.statistics import newcombe_paired
from modgap_core.statistics.few_telling import interval_of_cells

VOICES = ["ann", "ann", "ann", "bob", "bob", "cleo", "cleo"]
TASKS = ["qa", "qa", "qa", "qa", "mcq", "mcq", "qa"]
RIGHT: dict[str, list[int]] = {
    "text": [1, 1, 1, 1, 0, 1],
    "speech": [1, 0, 0, 1, 0, 0],
    "pipeline": [1, 1, 0, 1, 0, 0],
    "text_backbone": [1, 1, 1, 1, 1, 1],
    "angle bottom:3": [1, 1, 0, 1, 0, 1],
    "other-transcript all": [0, 0, 0, 1, 0, 0],
}
APS = [0.6, 0.2, 0.3, 0.5, 0.1, 0.4]
CURVES = {  # layers 0, 1 (= L, before the norm), and after it
    "cosine": [[0.1, 0.6, 0.7], [0.1, 0.2, 0.7], [0.1, 0.3, 0.7], [0.1, 0.5, 0.7], [0.1, 0.1, 0.7], [0.1, 0.4, 0.7]],
    "euclidean": [[1, 4, 9], [2, 4, 9], [3, 4, 9], [4, 4, 9], [5, 4, 9], [6, 4, 9]],
    "null_cosine": [[0.1, 0.05, 0.6]] * 6,
    "null_euclidean": [[3, 6, 9]] * 6,
}


QUANTITIES, OF_LAYERS = item_quantities(Measures()), layer_quantities(Measures())


def tables(items: pd.DataFrame, answers: pd.DataFrame, scores: pd.DataFrame, layers: pd.DataFrame) -> ShardTables:
    """What a default run's tables hold."""
    return ShardTables(items, answers, scores, layers, {}, QUANTITIES, OF_LAYERS)


def items() -> pd.DataFrame:
    rows = []
    for row in range(7):
        told = dict.fromkeys([*ITEMS, *QUANTITIES], math.nan)
        told |= {"row": row, "id": f"item-{row}", "transcript": f"question {row % 4}"}
        told |= {"audio": f"{row}.wav", "reference": f"right {row}", "task": TASKS[row], "heard": "", "reason": ""}
        told |= {"clip_sha256": str(row), "status": "ok" if row < 6 else "failed", "voice": VOICES[row]}
        if row < 6:
            told |= {"aps_cosine": APS[row], "cosine_similarity": CURVES["cosine"][row][1], "euclidean_distance": 4.0}
            told |= {"aps_euclidean": 10 * APS[row], "monotonicity_cosine": 1 - APS[row]}
        else:
            told["reason"] = "no sound"
        rows.append(told)
    return pd.DataFrame(rows)


def answers_and_scores() -> tuple[pd.DataFrame, pd.DataFrame]:
    answers, scores = [], []
    for condition, right in RIGHT.items():
        for row, value in enumerate(right):
            key = {"row": row, "id": f"item-{row}", "condition": condition}
            answers.append({**key, "answer": f"{condition} says {value}"})
            scores.append({**key, "scorer": "main", "is_primary": True, "value": value, "rule": f"rule {value}"})
            strict = value if row != 3 else 0
            scores.append({**key, "scorer": "strict", "is_primary": False, "value": strict, "rule": "strict"})
            if condition in ("speech", "other-transcript all"):
                injected = float(condition != "speech" and row in (1, 2))
                judged = {"scorer": INJECTED, "is_primary": False, "value": injected, "rule": "item 0: x"}
                scores.append({**key, **judged})
    return pd.DataFrame(answers, columns=list(ANSWERS)), pd.DataFrame(scores, columns=list(SCORES))


def layers() -> pd.DataFrame:
    rows = []
    for row in range(6):
        for entry in range(3):
            told = {"row": row, "id": f"item-{row}", "entry": entry, **dict.fromkeys(OF_LAYERS, 0.0)}
            rows.append({**told, **{name: float(values[row][entry]) for name, values in CURVES.items()}})
    return pd.DataFrame(rows, columns=[*LAYERS, *OF_LAYERS])


def six(model: str = "six", declared: Sequence[str] = ("voice",), **more: object) -> ScoredRun:
    answers, scores = answers_and_scores()
    return ScoredRun.of(model, tables(items(), answers, scores, layers()), declared=declared, **more)  # type: ignore[arg-type]


@pytest.fixture
def run() -> ScoredRun:
    return six()


def at(table: pd.DataFrame, **key: object) -> pd.Series:
    for name, value in key.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_scores(run: ScoredRun) -> None:
    table = score_table(run)
    overall = table[table.task == "overall"].set_index("condition").score
    assert overall.round(2).to_dict() == {
        "text": 83.33,
        "speech": 33.33,
        "pipeline": 50.0,
        "text_backbone": 100.0,
        "angle bottom:3": 66.67,
        "other-transcript all": 16.67,
    }
    assert at(table, task="qa", condition="speech")[["n", "score"]].tolist() == [4, 50.0]
    assert at(table, task="mcq", condition="text")[["n", "score"]].tolist() == [2, 50.0]


def test_benchmark_has_tasks_across_and_no_interventions(run: ScoredRun) -> None:
    table = benchmark_table([run]).set_index("condition")
    assert list(table.index) == ["text", "speech", "pipeline", "text_backbone"]
    assert table.loc["speech", ["score qa", "score mcq"]].tolist() == [50.0, 0.0]
    assert table["score overall"].round(1).tolist() == [83.3, 33.3, 50.0, 100.0]


def test_gap(run: ScoredRun) -> None:
    row = at(gap_table(run), task="overall")
    assert row[["n", "clusters", "cluster_by"]].tolist() == [6, 3, "voice"]
    assert (row.text, row.speech, row.gap) == pytest.approx((500 / 6, 200 / 6, 50))
    # cluster sums less their share of the mean: 2 - 1.5, 0 - 1, 1 - 0.5; SE = sqrt(3/2 * 1.5) / 6 = 0.25
    assert row.mde == pytest.approx(2.8016 * 25, rel=1e-4)
    assert row.p == 0.5  # sums 2 and 1: of their four signs two are as far from zero
    # two voices tell: Newcombe with 6 / 1.25 items, as (0.25 / sqrt(0.3 / 6))^2 = 1.25
    expected = newcombe_paired(2 / 6 * 4.8, 3 / 6 * 4.8, 0, 1 / 6 * 4.8)
    assert (row.gap_low, row.gap_high) == pytest.approx((100 * expected.low, 100 * expected.high), rel=1e-4)
    assert row.relative_gap == pytest.approx(60)
    assert (row.relative_gap_low, row.relative_gap_high) == pytest.approx(
        (row.gap_low / (5 / 6), row.gap_high / (5 / 6))
    )
    assert (row.text_right_speech_wrong, row.speech_right_text_wrong) == (3, 0)
    assert (row.mrr, row.mrr_denominator) == (pytest.approx(100 / 3), "original text backbone")
    assert row.mrr_low < row.mrr < row.mrr_high
    assert gap_table(run).task.tolist() == ["mcq", "qa", "overall"]


def test_without_a_backbone_mrr_is_over_the_models_own_text() -> None:
    run = six()
    own = run.results.scores[run.results.scores.condition != "text_backbone"]
    answers = run.results.answers[run.results.answers.condition != "text_backbone"]
    without = ScoredRun.of("six", tables(run.results.items, answers, own, run.results.layers), declared=["voice"])
    row = at(gap_table(without), task="overall")
    assert (row.mrr, row.mrr_denominator) == (pytest.approx(40), "the model itself (no --backbone was run)")
    assert decomposition_table(without).empty


def test_decomposition(run: ScoredRun) -> None:
    row = at(decomposition_table(run), task="overall")
    assert (row.gap_to_backbone, row.forgetting, row.misalignment) == pytest.approx((400 / 6, 100 / 6, 50))
    assert row.gap_to_backbone == pytest.approx(row.forgetting + row.misalignment)
    assert (row.n, row.clusters) == (6, 3)
    assert row.forgetting_p == 1.0  # one voice alone tells
    assert row.misalignment_p == 0.5


def test_agreement(run: ScoredRun) -> None:
    row = at(agreement_table(run), task="overall", speech_against="pipeline")
    # both right 2, pipeline alone 1, none 3: po = 5/6, pe = 1/3 * 1/2 + 2/3 * 1/2
    assert row.kappa == pytest.approx(2 / 3)
    assert row.error_overlap == pytest.approx(75)
    cells = np.array([[1, 0, 0, 0]] * 2 + [[0, 0, 1, 0]] + [[0, 0, 0, 1]] * 3, dtype=float)[[0, 2, 3, 1, 4, 5]]
    expected = interval_of_cells(lambda c: 100 * c[..., 3] / c[..., 1:].sum(-1), cells, [np.array(VOICES[:6])])
    assert (row.error_overlap_low, row.error_overlap_high) == pytest.approx((expected.low, expected.high), rel=1e-6)
    assert set(agreement_table(run).speech_against) == {"pipeline"}


def test_scorers(run: ScoredRun) -> None:
    table = scorer_table(run)
    assert set(table.scorer) == {"main", "strict"}
    assert at(table, task="qa", scorer="strict", condition="speech")[["score", "disagreement"]].tolist() == [25.0, 25.0]
    assert at(table, task="qa", scorer="main", condition="speech").disagreement == 0


def test_interventions(run: ScoredRun) -> None:
    table = intervention_table(run)
    row = at(table, task="overall", intervention="angle bottom:3")
    assert (row.score, row.gain, row.share_of_gap) == pytest.approx((400 / 6, 200 / 6, 200 / 3))
    assert row.gain_low < row.gain < row.gain_high
    assert row[["uses", "n", "clusters"]].tolist() == ["right transcript", 6, 3]
    # gains of ann 1 and cleo 1 item: of four signs two are as far
    assert (row.p, row.p_holm) == (0.5, 1.0)
    other = at(table, task="overall", intervention="other-transcript all")
    assert (other.gain, other.uses) == (pytest.approx(-100 / 6), "another transcript")
    assert (other.answers_injected, other.speech_answers_injected) == pytest.approx((200 / 6, 0))
    assert math.isnan(row.answers_injected)
    assert at(table, task="qa", intervention="other-transcript all").answers_injected == pytest.approx(50)


def test_slices(run: ScoredRun) -> None:
    table = slice_table(run).set_index("value")
    assert table.n.to_dict() == {"ann": 3, "bob": 2, "cleo": 1}
    assert table.gap.round(2).to_dict() == {"ann": 66.67, "bob": 0.0, "cleo": 100.0}
    assert table.text.to_dict() == {"ann": 100.0, "bob": 50.0, "cleo": 100.0}
    assert table.cluster_by.unique().tolist() == ["transcript"]  # within a voice the voice says nothing
    assert table.aps_cosine.round(3).to_dict() == {"ann": 0.367, "bob": 0.3, "cleo": 0.4}


def test_alignment(run: ScoredRun) -> None:
    table = alignment_table(run).set_index("items")
    assert table.n.to_dict() == {"all": 6, "speech right": 2, "text right, speech wrong": 3, "both wrong": 1}
    assert table.aps_cosine.round(3).to_dict() == {
        "all": 0.35,
        "speech right": 0.55,
        "text right, speech wrong": 0.3,
        "both wrong": 0.1,
    }


def test_correlation(run: ScoredRun) -> None:
    row = at(correlation_table(run), measure="aps_cosine")
    # ranks 6 2 3 5 1 4 against 5.5 (right) and 2.5: covariance 12 over sqrt(17.5 * 12)
    assert row.spearman == pytest.approx(12 / math.sqrt(17.5 * 12))
    # means of the voices: APS 0.367, 0.3, 0.4 and scores 1/3, 1/2, 0: the order is turned round
    assert row["between"] == pytest.approx(-1)
    # point-biserial: (0.55 - 0.25) * sqrt(2 * 4 / 36) / population deviation of APS
    assert row.point_biserial == pytest.approx(0.3 * math.sqrt(8 / 36) / np.std(APS))
    assert row[["n", "clusters"]].tolist() == [6, 3]
    assert at(correlation_table(run), measure="aps_euclidean").spearman == row.spearman
    assert at(correlation_table(run), measure="monotonicity_cosine").spearman == pytest.approx(-row.spearman)


def test_items(run: ScoredRun) -> None:
    table = item_table(run)
    assert table.row.tolist() == [1, 2, 5, 0, 3, 4, 6]  # text right and speech wrong first
    first = table.iloc[0]
    assert (first.answer_text, first.answer_speech) == ("text says 1", "speech says 0")
    assert (first.score_text, first.score_speech, first.score_pipeline) == (1, 0, 1)


def test_answers_of_an_item(run: ScoredRun) -> None:
    table = answer_table(run, 1)
    assert table.iloc[0].tolist() == ["text", "text says 1", "main", 1, "rule 1"]
    assert table[table.scorer == "main"].condition.tolist() == list(RIGHT)
    injected = at(table, scorer=INJECTED, condition="other-transcript all")
    assert (injected.score, injected.rule) == (1, "item 0: x")


def test_layer_curves(run: ScoredRun) -> None:
    table = layer_curve_table(run)
    assert table.entry.tolist() == [0, 1, 2]
    assert table.cosine.tolist() == pytest.approx([0.1, 0.35, 0.7])
    assert table.euclidean.tolist() == pytest.approx([3.5, 4, 9])
    assert table.null_euclidean.tolist() == pytest.approx([3, 6, 9])
    assert (table.euclidean_p05[0], table.euclidean_p95[0]) == pytest.approx((1.25, 5.75))
    # three voices have eight signs; where all differences have one sign, two of them are as far
    assert table.p_euclidean[1] == pytest.approx(0.25, abs=0.02)
    assert table.p_max_t_euclidean[1] >= table.p_euclidean[1]
    assert table.p_cosine[0] == pytest.approx(1)


def test_status(run: ScoredRun) -> None:
    assert status_table(run)[["status", "reason", "items"]].to_numpy().tolist() == [
        ["ok", "", 6],
        ["failed", "no sound", 1],
    ]


def test_models_and_their_regression() -> None:
    """Three models that differ in APS; the fourth is the first again, and is told by its measures."""
    runs = [_with_aps(name, shift, right) for name, shift, right in (("a", 0, 2), ("b", 0.1, 3), ("c", 0.3, 5))]
    again = _with_aps("again", 0, 2)
    table = model_table([*runs, again])
    assert table.same_as.tolist() == ["", "", "", "a"]
    assert table.gap.tolist() == pytest.approx([50, 100 / 3, 0, 50])
    assert table.aps_cosine.tolist() == pytest.approx([0.35, 0.45, 0.65, 0.35])
    assert table.forgetting.tolist() == pytest.approx([100 / 6] * 4)
    assert points_of(table).model.tolist() == ["a", "b", "c"]
    fit, _ = try_regression(table, "aps_cosine")
    assert fit is not None
    assert (fit.n, fit.slope) == (3, pytest.approx(-166.67, abs=0.01))  # a line through all three points
    assert fit.intercept == pytest.approx(50 + 0.35 * 166.67, abs=0.01)


def test_checkpoints_of_one_training_are_one_cluster() -> None:
    runs = [
        _with_aps(name, shift, right, {"training": "t"})
        for name, shift, right in (("a", 0, 2), ("b", 0.1, 4), ("c", 0.3, 5))
    ]
    fit, _ = try_regression(model_table(runs), "aps_cosine")
    assert fit is not None
    assert fit.n_clusters == 1
    assert math.isnan(fit.r_squared.low)
    assert "no interval: checkpoints of one training are one cluster" in regression_words(fit)


def _with_aps(name: str, shift: float, n_right: int, tags: dict[str, str] | None = None) -> ScoredRun:
    run = six(name, tags=tags)
    shown = run.results.items.copy()
    for measure in run.measures:
        shown[measure] = shown[measure] + shift
    scores = run.results.scores.copy()
    speech = (scores.condition == "speech") & scores.is_primary
    scores.loc[speech, "value"] = [int(row in ((0, 3, 1, 2, 5)[:n_right])) for row in range(6)]
    shifted = tables(shown, run.results.answers, scores, run.results.layers)
    return ScoredRun.of(name, shifted, tags, declared=["voice"])


def test_clusters_are_found_declared_or_refused() -> None:
    assert six().clusters == ClusterChoice(("voice",), True)
    assert six(declared=()).clusters == ClusterChoice(("id",), False)  # no column has ten values
    assert at(gap_table(six(declared=("id",))), task="overall").clusters == 6
    crossed = at(gap_table(six(declared=("voice", "transcript"))), task="overall")
    assert crossed[["clusters", "cluster_by"]].tolist() == [3, "voice x transcript"]
    with pytest.raises(ModGapError, match="no column 'speaker' to cluster by; choose from id, transcript, voice"):
        gap_table(six(declared=("speaker",)))
    with pytest.raises(ModGapError, match="give one column, or 2 different ones"):
        gap_table(six(declared=("voice", "voice")))


def test_the_column_that_widens_gap_most_is_found() -> None:
    """Sixty items: the speaker decides alone whether speech is understood, the room and the take decide nothing."""
    n = 60
    told = pd.concat([items().iloc[[0]]] * n, ignore_index=True)
    told = told.assign(row=range(n), id=[f"i{k}" for k in range(n)], speaker=[f"s{k % 12}" for k in range(n)])
    told = told.assign(room=[f"r{k // 5}" for k in range(n)], half=["x", "y"] * 30, gone=[None] + ["g"] * 59)
    scores = [
        {"row": k, "id": f"i{k}", "condition": c, "scorer": "main", "is_primary": True, "value": v, "rule": ""}
        for k in range(n)
        for c, v in (("text", 1), ("speech", int(k % 12 < 7)))
    ]
    answers = pd.DataFrame([{**s, "answer": ""} for s in scores])[list(ANSWERS)]
    run = ScoredRun.of("m", tables(told, answers, pd.DataFrame(scores), layers()))
    assert run.clusters == ClusterChoice(("speaker",), False)
    assert "this one widens the interval of GAP most" in run.clusters.words


def test_every_table_builds_and_names_its_model(run: ScoredRun) -> None:
    for name, build in TABLES_OF_RUN.items():
        table = build(run)
        assert len(table), name
        if "model" in table:
            assert set(table.model) == {"six"}


def test_a_table_is_built_once_for_a_name_and_clusters(run: ScoredRun) -> None:
    first = gap_table(run)
    first["gap"] = 0.0
    assert at(gap_table(run), task="overall").gap == pytest.approx(50)
    assert len(run.built) == 1


def test_the_report_says_what_the_intervals_rest_on(run: ScoredRun) -> None:
    page = report_html([run])
    assert "over clusters by voice (declared)" in page
    assert "use the transcript" in page
