"""The command line, in process and as a program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from modgap_core.cli.command_line import main
from modgap_core.results.store import load_result


@pytest.fixture
def clip(tmp_path: Path, wave: np.ndarray) -> Path:
    path = tmp_path / "clip.wav"
    sf.write(path, wave, 16_000)
    return path


def analyze(clip: Path, folder: Path, out: Path, *more: str) -> int:
    return main(["analyze", str(clip), "--model", str(folder), "--out", str(out), "--no-null", *more])


def test_analyze_then_show(
    clip: Path, tiny_folders: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "result"
    assert analyze(clip, tiny_folders["qwen2-audio"], out, "--text", "[red]hi[/red]", "--reference", "ho") == 0
    printed = capsys.readouterr().out
    assert "[red]hi[/red]" in printed
    assert "Alignment Path Score, cosine" in printed
    result = load_result(out)
    assert result.transcript == "[red]hi[/red]"
    assert result.answers.reference == "ho"
    assert main(["show", str(out)]) == 0
    shown = capsys.readouterr().out
    assert f"{result.cosine.curve[1]:.3f}" in shown
    assert "undefined" not in shown or np.isnan(result.cosine.monotonicity).any()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["analyze", "none.wav", "--text", "hi"], "There is no file 'none.wav'"),
        (["analyze", "CLIP", "--text", " "], "The transcript is empty"),
        (["analyze", "CLIP", "--text", "x " * 10_000], "10,000 words"),
        (["analyze", "CLIP", "--text", "hi", "--model", "./no"], "There is no model folder at './no'"),
        (["analyze", "CLIP", "--text", "hi", "--dtype", "int4"], "Unknown dtype 'int4'"),
        (["analyze", "CLIP", "--text", "hi", "--max-new-tokens", "0"], "at least 1"),
    ],
)
def test_bad_input_ends_with_2_and_one_sentence(
    arguments: list[str], sentence: str, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled = [str(clip) if a == "CLIP" else a for a in arguments]
    assert main([*filled, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert "Traceback" not in error
    assert not (tmp_path / "out").exists()


def test_as_a_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "modgap_core.cli.command_line", "show", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("modgap: There is no ModGap result")


def test_the_command_line_and_the_package_start_without_torch() -> None:
    code = "import sys, modgap_core, modgap_core.cli.command_line as _; print({'torch', 'streamlit'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
