"""Every chart draws the result's own numbers: the right quantity, the right run, the right layers, the right way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from modgap_core.interventions.condition import Condition
from modgap_core.metrics import SIMILARITIES
from modgap_core.plots.alignment_layers import alignment_layers
from modgap_core.plots.alignment_matrix import alignment_matrix
from modgap_core.plots.cell_over_layers import cell_over_layers
from modgap_core.plots.corpus_gap import gain_bars, gap_bars, score_bars
from modgap_core.plots.corpus_layers import corpus_layer_curves
from modgap_core.plots.corpus_regression import gap_regression, measure_by_outcome
from modgap_core.plots.edited_curves import edited_curves
from modgap_core.plots.first_token import first_token
from modgap_core.plots.layer_curves import layer_curves
from modgap_core.plots.matrix_change import matrix_change
from modgap_core.plots.sweep_map import sweep_map
from modgap_core.results.similarity_values import SimilarityValues
from modgap_core.statistics import regression
from tests.made_results import N_LAYERS, N_SPEECH, TOKEN_S, made_intervention, made_pair

PAIR = made_pair()
EDITED_AT = 2
CHANGED = made_intervention(Condition(edit_layers=(EDITED_AT,)))
SHOWN = {False: [0, 1, 2, 3], True: [0, 1, 2, 4]}
"""Entries of layers 0..L: L before the final norm, or after it."""
CENTRES_S = TOKEN_S * (np.arange(N_SPEECH) + 0.5)
LABELS = ["0: one", "1: &lt;two&gt;", "2: three", "3: four"]


def panel(figure: go.Figure, column: int) -> list[go.Scatter]:
    """The traces of a column of panels, in the order in which they are drawn."""
    axis = "x" if column == 1 else f"x{column}"
    return [trace for trace in figure.data if (trace.xaxis or "x") == axis]


def percentiles(samples: np.ndarray, entries: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """5 and 95 percent, as NumPy has them."""
    low, high = np.percentile(samples.astype(np.float64), [5, 95], axis=0)
    return low[entries], high[entries]


@pytest.mark.parametrize("after_norm", [False, True])
def test_layer_curves(after_norm: bool) -> None:
    figure = layer_curves(PAIR, after_norm)
    entries = SHOWN[after_norm]
    for column, values, word in ((1, PAIR.cosine, "Cosine"), (2, PAIR.euclidean, "Euclidean")):
        assert word in figure.layout.annotations[column - 1].text
        low, high, mean, curve = panel(figure, column)
        expected_low, expected_high = percentiles(values.null_curve, entries)
        np.testing.assert_allclose(low.y, expected_low)
        np.testing.assert_allclose(high.y, expected_high)
        np.testing.assert_allclose(mean.y, values.null_curve.astype(np.float64).mean(axis=0)[entries])
        np.testing.assert_array_equal(curve.y, values.curve[entries])
        assert list(curve.x) == [0, 1, 2, 3]
    assert ("after" if after_norm else "before") in figure.layout.xaxis.title.text


@pytest.mark.parametrize("after_norm", [False, True])
def test_alignment_layers(after_norm: bool) -> None:
    figure = alignment_layers(PAIR, after_norm)
    entries = SHOWN[after_norm]
    shuffled, cosine, euclidean, consistency = panel(figure, 1)
    assert_band(shuffled, PAIR.cosine.null_monotonicity, entries)
    assert ("cosine" in cosine.name, "euclidean" in euclidean.name) == (True, True)
    np.testing.assert_array_equal(cosine.y, PAIR.cosine.monotonicity[entries])
    np.testing.assert_array_equal(euclidean.y, PAIR.euclidean.monotonicity[entries])
    np.testing.assert_array_equal(consistency.y, PAIR.consistency[entries])
    for column, values, word in ((2, PAIR.cosine, "cosine"), (3, PAIR.euclidean, "Euclidean")):
        assert word in figure.layout.annotations[column - 1].text
        band, terms = panel(figure, column)
        assert_band(band, values.null_aps_terms, entries)
        np.testing.assert_array_equal(terms.y, values.aps_terms[entries])


def assert_band(trace: go.Scatter, samples: np.ndarray, entries: list[int]) -> None:
    """Along the low end, and back along the high one."""
    low, high = percentiles(samples, entries)
    np.testing.assert_allclose(trace.y, [*low, *high[::-1]])
    assert list(trace.x) == [0, 1, 2, 3, 3, 2, 1, 0]


@pytest.mark.parametrize(("name", "values"), [("cosine", PAIR.cosine), ("euclidean", PAIR.euclidean)])
def test_alignment_matrix(name: str, values: SimilarityValues) -> None:
    entry = 1
    heat, path = alignment_matrix(PAIR, name, entry).data
    np.testing.assert_allclose(heat.x, CENTRES_S)
    assert list(heat.y) == LABELS
    for i in range(N_SPEECH):
        for j in range(len(LABELS)):
            np.testing.assert_equal(heat.z[j][i], values.matrix[entry, i, j])
    partners = [(i, j) for j, i in enumerate(values.path[entry]) if i >= 0]
    assert len(partners) == 3
    np.testing.assert_allclose(path.x, [CENTRES_S[i] for i, _ in partners])
    assert list(path.y) == [LABELS[j] for _, j in partners]
    assert (heat.zmin, heat.zmax) == (np.nanmin(values.matrix), np.nanmax(values.matrix))


@pytest.mark.parametrize("after_norm", [False, True])
def test_cell_over_layers(after_norm: bool) -> None:
    for speech, text in ((3, 1), (4, 0)):
        figure = cell_over_layers(PAIR, speech, text, after_norm)
        for column, values in ((1, PAIR.cosine), (2, PAIR.euclidean)):
            (line,) = panel(figure, column)
            np.testing.assert_array_equal(line.y, [values.matrix[entry, speech, text] for entry in SHOWN[after_norm]])
    assert [a.text for a in figure.layout.annotations] == ["cosine similarity", "Euclidean distance"]


def test_edited_curves() -> None:
    figure = edited_curves(CHANGED, CHANGED.edited[0])
    assert [a.text for a in figure.layout.annotations] == [
        "f of the means, cosine",
        "f of the means, euclidean",
        "APS term, cosine",
        "APS term, euclidean",
    ]
    drawn = iter(figure.data)
    for quantity in ("curve", "aps_terms"):
        for similarity in SIMILARITIES.own_names():
            for name, run in (("speech as it is", CHANGED.speech), ("edited speech", CHANGED.edited[0])):
                trace = next(drawn)
                assert trace.name == name
                values = run.values(similarity)
                assert values is not None
                np.testing.assert_array_equal(trace.y, getattr(values, quantity)[: N_LAYERS + 1])


@pytest.mark.parametrize("name", SIMILARITIES.own_names())
def test_matrix_change(name: str) -> None:
    figure = matrix_change(CHANGED, CHANGED.edited[0], name)
    runs = (CHANGED.speech.values(name), CHANGED.edited[0].values(name))
    before, after = (run.matrix for run in runs if run is not None)
    assert [a.text for a in figure.layout.annotations] == ["speech as it is", "edited speech", "change"]
    frames = {frame.name: frame.data for frame in figure.frames}
    assert list(frames) == ["0", "1", "2", "3"]
    for layer, drawn in [(EDITED_AT, figure.data), *((int(name), data) for name, data in frames.items())]:
        for trace, matrix in zip(drawn, (before, after, after - before), strict=True):
            for i in range(N_SPEECH):
                np.testing.assert_array_equal([row[i] for row in trace.z], matrix[layer, i])
    assert figure.layout.sliders[0].active == EDITED_AT
    assert {(t.zmin, t.zmax) for t in figure.data[:2]} == {
        (min(np.nanmin(before[:-1]), np.nanmin(after[:-1])), max(np.nanmax(before[:-1]), np.nanmax(after[:-1])))
    }
    np.testing.assert_allclose(figure.data[0].x, CENTRES_S)
    assert list(figure.data[0].y) == LABELS


def test_first_token() -> None:
    text, speech, edited = first_token(CHANGED, CHANGED.edited[0]).data
    assert [bar.name for bar in (text, speech, edited)] == ["text", "speech as it is", "edited speech"]
    assert list(text.x) == ["yes", "&lt;text&gt;", "&lt;speech&gt;", "&lt;edited&gt;"]  # without the rare one
    assert list(text.y) == [0.54, pytest.approx(0.24), None, None]
    assert list(speech.y) == [0.55, None, pytest.approx(0.25), None]
    assert list(edited.y) == [pytest.approx(0.56), None, None, pytest.approx(0.26)]


def test_sweep_map() -> None:
    rows = [
        ("length", "bottom:1", 2, 0.5, -9.0),
        ("angle", "bottom:1", 0, 1.0, -1.0),
        ("angle", "all", 1, 0.25, -4.0),
    ]
    table = pd.DataFrame(rows, columns=["method", "tokens", "edit_layer", "strength", "target_logprob"])
    figure = sweep_map(table, unedited=-3.0)
    assert [a.text for a in figure.layout.annotations] == ["length", "angle"]
    length, angle = figure.data
    assert (list(length.x), list(length.y), list(length.marker.color)) == (["0.5"], ["bottom:1, layer 2"], [-6.0])
    assert list(angle.x) == ["1", "0.25"]
    assert list(angle.y) == ["bottom:1, layer 0", "all, layer 1"]
    assert list(angle.marker.color) == [2.0, -1.0]
    assert list(angle.customdata) == [1, 2]
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (-6.0, 6.0)


GAPS = pd.DataFrame({"task": ["qa", "mcq"], "gap": [30.0, -2.0], "gap_low": [20.0, -3.0], "gap_high": [36.0, 5.0]})
GAINS = pd.DataFrame({"intervention": ["angle", "length"], "gain": [10.0, -4.0], "gain_low": [7.0, -9.0]})


@pytest.mark.parametrize(
    ("draw", "table", "name"),
    [
        (lambda table: gap_bars(table, "task"), GAPS.assign(n=[120, 60], clusters=[12, 6]), "gap"),
        (gain_bars, GAINS.assign(gain_high=[18.0, -3.0], uses="transcript"), "gain"),
    ],
)
def test_bars_end_at_their_values_and_whiskers_at_the_interval(
    draw: Callable[[pd.DataFrame], go.Figure], table: pd.DataFrame, name: str
) -> None:
    (bars,) = draw(table).data
    x = np.asarray(bars.x)
    assert [label.split()[0] for label in bars.y] == table.iloc[::-1, 0].tolist()  # plotly draws from below
    assert list(x[::-1]) == table[name].tolist()
    assert list((x - bars.error_x.arrayminus)[::-1]) == table[f"{name}_low"].tolist()
    assert list((x + bars.error_x.array)[::-1]) == table[f"{name}_high"].tolist()


def test_score_bars() -> None:
    table = pd.DataFrame({"condition": ["text", "speech", "pipeline"], "score": [99.0, 68.0, 52.0], "n": [9, 8, 7]})
    (bars,) = score_bars(table).data
    assert list(bars.y) == ["pipeline (n = 7)", "speech (n = 8)", "text (n = 9)"]
    assert list(bars.x) == [52.0, 68.0, 99.0]


def layer_table(model: str, seed: int) -> pd.DataFrame:
    """A corpus's curves with their own numbers, as `layer_curve_table` has them."""
    rng = np.random.default_rng(seed)
    names = [f"{name}{kind}" for name in ("cosine", "euclidean") for kind in ("", "_p05", "_p95")]
    columns = {name: seed + rng.random(5) for name in (*names, "null_cosine", "null_euclidean")}
    return pd.DataFrame({"model": model, "entry": range(5), **columns})


def test_corpus_layer_curves() -> None:
    tables = [layer_table("a", 10), layer_table("b", 20)]
    figure = corpus_layer_curves(tables)
    for column, name in ((1, "cosine"), (2, "euclidean")):
        assert name in figure.layout.annotations[column - 1].text.lower()
        drawn = iter(panel(figure, column))
        for table in tables:
            for quantity in (f"{name}_p05", f"{name}_p95", name, f"null_{name}"):
                trace = next(drawn)
                np.testing.assert_array_equal(trace.y, table[quantity][:4])
                assert list(trace.x) == [0, 1, 2, 3]
    many = corpus_layer_curves([layer_table(str(k), k) for k in range(5)])
    np.testing.assert_array_equal(panel(many, 2)[3].y, layer_table("3", 3).euclidean[:4])
    assert panel(many, 2)[3].name == "3"


def test_measure_by_outcome() -> None:
    wide = pd.DataFrame(
        {"text": [1, 1, 1, 0, 1.0], "speech": [1, 0, 0, 1, 1.0], "aps_cosine": [0.9, 0.2, 0.3, 0.7, 0.8]}
    )
    right, wrong = measure_by_outcome(wide, "aps_cosine").data
    assert (right.name, list(right.x)) == ("speech right (n = 2)", [0.9, 0.8])
    assert (wrong.name, list(wrong.x)) == ("speech wrong (n = 2)", [0.2, 0.3])


def test_gap_regression() -> None:
    table = pd.DataFrame(
        {"model": list("abcdef"), "aps": [0, 1, 2, 0, 1, 2.0], "gap": [9, 7, 5, 1, 2, 3.0], "tag": list("xxxyyy")}
    )
    fits = {name: regression(part.aps, part.gap) for name, part in table.groupby("tag")}
    x_points, x_line, y_points, y_line = gap_regression(table, "aps", fits, "tag").data
    assert (list(x_points.text), list(x_points.x), list(x_points.y)) == (list("abc"), [0, 1, 2], [9, 7, 5])
    assert (list(y_points.text), list(y_points.y)) == (list("def"), [1, 2, 3])
    np.testing.assert_allclose(x_line.y, [9, 5])
    np.testing.assert_allclose(y_line.y, [1, 3])
    assert x_line.name.startswith("x: R² = 1.00")
    assert x_line.name.endswith("n = 3")
