"""What the documents show runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from modgap_core.models.adapters import ADAPTERS
from modgap_core.models.doctor import diagnose
from modgap_core.models.load import load_model
from modgap_core.registry import OWN

ROOT = Path(__file__).parents[2]


def python_of(document: str) -> list[str]:
    """The Python blocks of a document."""
    return re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)


def test_the_adapter_of_the_guide_passes_the_doctor(tiny_folders: dict[str, Path]) -> None:
    names: dict[str, Any] = {}
    (code,) = python_of("docs/adding-a-model.md")
    try:
        exec(compile(code, "adding-a-model.md", "exec"), names)
        model = load_model(tiny_folders["qwen2-audio"])
        assert type(model.adapter) is names["MyAdapter"]
        diagnosis = diagnose(model)
        assert diagnosis.passed, diagnosis.checks
    finally:
        ADAPTERS.unregister("qwen2_audio")
    assert ADAPTERS.origin("qwen2_audio") == OWN


def test_the_three_lines_of_the_readme_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(python_of("README.md")[0], "README.md", "exec"), {})
    assert len(capsys.readouterr().out.split()) > 5
