"""Clusters as a user names them: on the command line, in run.json, on the page; and what is said where none are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from modgap_core.cli.command_line import main
from modgap_core.shipped import shipped_path

RUN = "shipped:runs/modgap-mini"
APP = Path(__file__).parents[2] / "dashboard" / "app.py"


def shown(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["show", RUN, *options]) == 0
    return re.sub(r"\s+", " ", capsys.readouterr().out)


def test_show_names_the_clusters_and_another_column_changes_the_interval(capsys: pytest.CaptureFixture[str]) -> None:
    found, named, alone = (shown(capsys, *o) for o in ((), ("--cluster", "transcript"), ("--cluster", "id")))
    assert "95 % intervals and tests over clusters by voice (no column was declared" in found
    assert "over clusters by transcript (declared)" in named
    assert "over clusters by id (declared)" in alone
    ends = [re.findall(r"overall [│ 0-9.]*31\.4 \[([\d.]+),", text)[0] for text in (found, named, alone)]
    by_voice, by_transcript, by_item = map(float, ends)
    assert by_voice < 22
    assert min(by_transcript, by_item) > 25


def test_two_columns_are_crossed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "over clusters by transcript x voice (declared)" in shown(
        capsys, "--cluster", "transcript", "--cluster", "voice"
    )


@pytest.mark.parametrize("command", [["show", RUN], ["report", RUN, "--out", "never.html"]], ids=lambda c: c[0])
def test_an_unknown_column_is_an_error_that_names_the_known(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--cluster", "speaker"]) == 2
    assert "no column 'speaker' to cluster by; choose from id, transcript, voices" in capsys.readouterr().err


def test_a_run_is_refused_before_it_begins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    manifest = "shipped:mini-corpus/manifest.csv"
    assert main(["corpus", manifest, "--limit", "2", "--out", str(out), "--cluster", "speaker"]) == 2
    assert "no column 'speaker'" in capsys.readouterr().err
    assert not out.exists()


def test_the_column_is_kept_with_the_run_and_may_be_changed_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    given = ["corpus", str(shipped_path("mini-corpus/manifest.csv")), "--limit", "3", "--null", "0", "--out", str(out)]
    assert main([*given, "--cluster", "voice"]) == 0
    assert json.loads((out / "run.json").read_text())["clusters"] == ["voice"]
    assert "over clusters by voice (declared)" in re.sub(r"\s+", " ", capsys.readouterr().out)
    assert main([*given, "--resume", "--cluster", "relation"]) == 0
    assert json.loads((out / "run.json").read_text())["clusters"] == ["relation"]


def test_the_page_says_and_changes_what_the_intervals_rest_on() -> None:
    app = AppTest.from_file(str(APP), default_timeout=240).run()
    app = app.switch_page("corpus/page.py").run()
    assert not app.exception
    assert says(app, "C = 29 by voice")
    assert says(app, "no column was declared; this one widens the interval of GAP most")
    assert says(app, "use the transcript")
    app.multiselect(key="corpus_clusters").set_value(["transcript"]).run()
    assert not app.exception
    assert says(app, "C = 188 by transcript")


def says(app: AppTest, words: str) -> bool:
    return any(words in caption.value.replace("\\", "") for caption in app.caption)
