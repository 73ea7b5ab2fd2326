"""The package of docs/extending.md, made out of its blocks, does what the document says."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from modgap_core import CorpusSettings, Execution, Measures, PairResult, Run, analyze_pair, run_corpus
from modgap_core.corpus.manifest.read import read_manifest
from modgap_core.interventions.condition_sets import CONDITION_SETS
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.open_points import OPEN_POINTS, registry
from modgap_core.scoring.expected import Expected

DOCUMENT = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n# (\S+)\n(.*?)```", DOCUMENT, re.DOTALL)
(PROJECT,) = (tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL))
GROUPS = PROJECT["project"]["entry-points"]
EXAMPLE, TRANSCRIPT = "shipped:examples/01-right.flac", "which number comes after sixteen"
NAMES = ["default", "spread", "best_value", "same_first_word"]


@pytest.fixture(scope="module", autouse=True)
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The package as pip would install it."""
    folder = tmp_path_factory.mktemp("packages")
    for path, code in BLOCKS:
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(code, encoding="utf-8")
    (folder / "my_modgap" / "__init__.py").write_text("")
    told = folder / "my_modgap-0.1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: my-modgap\nVersion: 0.1.0\n")
    sections = (f"[{g}]\n" + "".join(f"{n} = {place}\n" for n, place in e.items()) for g, e in GROUPS.items())
    (told / "entry_points.txt").write_text("\n".join(sections))
    sys.path.insert(0, str(folder))
    _rescan()
    yield folder
    sys.path.remove(str(folder))
    _rescan()


def _rescan() -> None:
    for word in OPEN_POINTS:
        registry(word).rescan()


def measures() -> Measures:
    return Measures.parse(",".join(NAMES), ["cosine", "chebyshev"], ["argmax", "even"])


@pytest.fixture(scope="module")
def pair(mini: SpeechLM) -> PairResult:
    return analyze_pair(mini, EXAMPLE, TRANSCRIPT, measures=measures())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_corpus(
        read_manifest("shipped:mini-corpus/manifest.csv").first(3),
        out=tmp_path_factory.mktemp("runs") / "run",
        settings=CorpusSettings(max_new_tokens=8, n_null=2, scorers=("exact",)),
        execution=Execution("one_by_one"),
        conditions=CONDITION_SETS.get("strengths").conditions(),
        measures=measures(),
    )


def test_every_block_is_named_in_the_project_and_every_name_can_be_used() -> None:
    of_group = {registry(word).group: registry(word) for word in OPEN_POINTS}
    assert set(of_group) - set(GROUPS) == {"modgap.adapters"}  # has a document of its own
    for group, entries in GROUPS.items():
        offers = {offer.name: offer for offer in of_group[group].offers() if offer.origin == "my-modgap 0.1.0"}
        assert list(offers) == list(entries)
        assert not [offer.problem for offer in offers.values() if offer.problem]
    modules = {place.partition(":")[0] for entries in GROUPS.values() for place in entries.values()}
    assert {path.removesuffix(".py").replace("/", ".") for path, _ in BLOCKS} == modules


def test_the_pair_has_the_values_of_the_document(mini: SpeechLM, pair: PairResult) -> None:
    speech, text = mini.hidden_states(EXAMPLE), mini.hidden_states(text=TRANSCRIPT)
    expected = cdist(speech[1].double(), text[1].double(), "chebyshev")
    np.testing.assert_allclose(pair.values("chebyshev").matrix[1], expected, rtol=1e-4, atol=1e-5)
    n_text = len(pair.text_tokens)
    assert (pair.values("cosine", "even").path == np.arange(n_text) * len(pair.speech_spans_s) // n_text).all()
    spread = speech.float().std(1).mean(-1) / text.float().std(1).mean(-1)
    np.testing.assert_allclose(pair.measured.layer_values("spread").values, spread, rtol=1e-4)
    best = pair.measured.layer_values("best_value", "chebyshev")
    np.testing.assert_allclose(best.tokens, pair.values("chebyshev").matrix.min(axis=1), rtol=1e-6)
    assert pair.measured.pair["same_first_word"] in (0.0, 1.0)
    columns = set(pair.table("summary").column)
    assert {"chebyshev_distance", "aps_cosine_even", "spread", "best_value_cosine", "same_first_word"} <= columns
    assert len(pair.plot("path_steps", similarity="chebyshev").data[0].y) == mini.n_layers + 2


def test_the_run_has_them_too(run: Run) -> None:
    items = run.items
    assert {"aps_chebyshev_even", "spread", "z_spread", "best_value_cosine", "same_first_word"} <= set(items)
    assert run.table("quantities").set_index("quantity").value["seconds"] == pytest.approx(items.duration_s.sum())
    labels = ["towards-mean bottom:3, strength 0.5", "towards-mean bottom:3", "mirrored all"]
    assert set(run.table("interventions").intervention) == set(labels)
    scores = run.scores.query("scorer == 'exact'").merge(run.answers).merge(items[["row", "reference"]])
    assert len(scores)
    assert (scores.value == (scores.answer.str.strip() == scores.reference)).all()
    assert Expected("a b", task="dictation").score("", " a b").is_right is True


def test_the_app_has_the_input_source_and_the_panel() -> None:
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(Path(__file__).parents[2] / "dashboard" / "app.py"), default_timeout=120).run()
    assert "Noise" in app.sidebar.radio(key="input").options
    assert "5 words, 5 tokens" in [caption.value for caption in app.caption]
    app.sidebar.radio(key="input").set_value("Noise").run()
    assert not app.exception


def test_the_python_of_the_corpus_document_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = (Path(__file__).parents[2] / "docs" / "corpus.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", document, re.DOTALL):
        exec(compile(block, "corpus.md", "exec"), names)
    assert len(capsys.readouterr().out.splitlines()) == 4  # on_item
    found = names["run"]
    assert isinstance(found, Run)
    assert set(found.table("interventions").intervention) == {"angle bottom:3", "length all, strength 0.5"}
    assert "aps_cosine" in found.items
    assert "aps_euclidean" not in found.items
