"""The notebook runs from top to bottom on what ships, and lies in the repository without outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modgap_core import SIMILARITIES

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "tour.ipynb"
CELLS: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the cells leave behind."""
    found: dict[str, Any] = {}
    for number, code in enumerate(CODE):
        exec(compile(code, f"tour.ipynb, code cell {number}", "exec"), found)
    return found


def test_it_has_no_outputs() -> None:
    cells = [cell for cell in CELLS if cell["cell_type"] == "code"]
    kept = [number for number, cell in enumerate(cells) if cell["outputs"] or cell["execution_count"] is not None]
    assert not kept, f"clear the outputs of the code cells {kept} before committing"


def test_the_pair(names: dict[str, Any]) -> None:
    result = names["result"]
    assert result.score(result.answers.speech).is_right is True
    assert result.aps("cosine") == pytest.approx(0.456, abs=1e-3)
    assert len(names["layers"]) == result.n_layers + 2
    assert names["speech"].shape == (result.n_layers + 2, len(result.speech_spans_s), names["model"].width)
    assert names["text"].shape[1] == len(result.text_tokens)
    assert "which number comes after sixteen" in result._repr_html_()
    assert names["curves"].data
    assert names["matrix"].data


def test_the_intervention(names: dict[str, Any]) -> None:
    assert [outcome.label for outcome in names["change"].edited] == ["angle bottom:3", "rolled-transcript all"]
    assert len(names["change"].edited[0].pairs) == 3


def test_the_runs(names: dict[str, Any]) -> None:
    assert names["gap"].gap.iloc[-1] == pytest.approx(31.4, abs=0.05)
    assert names["gains"].data
    assert sorted(item for item, *_ in names["told"]) == ["mini-000", "mini-001", "mini-002", "mini-003"]
    assert names["small"].n_items == 4


def test_the_own_similarity(names: dict[str, Any]) -> None:
    own = names["own"]
    assert own.similarities == ("cosine", "manhattan")
    speech, text = names["speech"].double().mean(1), names["text"].double().mean(1)
    assert own.values("manhattan").curve == pytest.approx((speech - text).abs().sum(-1).numpy(), rel=1e-4)
    assert "this pair, manhattan" in [trace.name for trace in names["own_curves"].data]
    assert "manhattan" not in SIMILARITIES.names()  # the last cell takes it back
