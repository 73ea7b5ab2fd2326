"""What is installed: where shipped files are found, what the wheel holds, what each extra is asked for by."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import plotly.graph_objects as go
import pytest
from packaging.requirements import Requirement

from dashboard.shared.exports import image_bytes
from modgap_core.cli.app import server_command
from modgap_core.cli.command_line import main
from modgap_core.corpus.manifest.read import read_manifest
from modgap_core.corpus.store.run_folder import load_run
from modgap_core.errors import ModGapError, ResultError
from modgap_core.models.load import MINI, shown_name
from modgap_core.scoring.ifeval import ifeval_scorers
from modgap_core.scoring.score import ScoringError
from modgap_core.shipped import given_path, shipped_names, shipped_path
from modgap_core.states.null_bank import shipped_utterances

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_MANIFEST = "shipped:mini-corpus/manifest.csv"
_PROBE = "from modgap_core.shipped import given_path; print(given_path('shipped:examples/a.flac'))"


def test_every_shipped_name_is_there_and_of_its_kind() -> None:
    names = shipped_names()
    assert all(given_path(name).exists() for name in names)
    assert sum(name.endswith(".flac") for name in names) == 10
    assert names["shipped:examples/01-right.flac"] == "which number comes after sixteen"
    assert len(read_manifest(_MANIFEST).items) == 360
    assert load_run("shipped:runs/modgap-mini").n_items == 360
    assert given_path("shipped:models/modgap-mini") == MINI
    assert shown_name("shipped:models/modgap-mini", MINI) == "modgap-mini"
    assert len(shipped_utterances()) == 22


@pytest.mark.parametrize("name", ["shipped:", "shipped:none.wav", "shipped:../README.md", "shipped:/etc/passwd"])
def test_what_does_not_ship_is_refused(name: str) -> None:
    with pytest.raises(ModGapError, match="ships with ModGap; modgap shipped lists the names"):
        given_path(name)


def test_a_path_of_ones_own_stays_what_it_is() -> None:
    assert given_path("clips/shipped:1.wav") == Path("clips/shipped:1.wav")


def test_in_an_installed_package_the_assets_lie_inside_it(tmp_path: Path) -> None:
    package = tmp_path / "site" / "modgap_core"
    (package / "assets" / "examples").mkdir(parents=True)
    for name in ("__init__.py", "errors.py", "shipped.py"):
        shutil.copy(ROOT / "modgap_core" / name, package)
    (package / "assets" / "examples" / "a.flac").touch()
    decoy = tmp_path / "site" / "assets" / "examples"  # another package's, beside ours
    decoy.mkdir(parents=True)
    (decoy / "a.flac").touch()
    done = subprocess.run(
        [sys.executable, "-c", _PROBE],
        cwd=tmp_path / "site",
        env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()) == package / "assets" / "examples" / "a.flac"


def test_modgap_shipped_lists_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["shipped"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in shipped_names())
    assert str(shipped_path()) in printed


def test_the_report_of_a_shipped_run_is_written_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", "shipped:runs/modgap-mini"]) == 0
    assert (tmp_path / "report.html").exists()
    assert not (shipped_path("runs/modgap-mini") / "report.html").exists()


def test_the_server_listens_where_it_is_told_and_ignores_the_folder_it_is_started_in() -> None:
    command = server_command(8600, "0.0.0.0")
    assert command[command.index("--server.port") + 1] == "8600"
    assert command[command.index("--server.address") + 1] == "0.0.0.0"
    assert command[1] == "-P"
    script = Path(command[command.index("run") + 1])
    assert script == ROOT / "dashboard" / "app.py"
    assert (script.parent / ".streamlit" / "config.toml").exists()
    assert "--server.port" not in server_command(None, "localhost")


def test_the_app_says_where_it_cannot_listen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["app", "--port", "70000"]) == 2
    assert "--port is 70000; it must be from 1 to 65535" in capsys.readouterr().err
    assert main(["app", "--address", "300.1.1.1"]) == 2
    assert "cannot listen at 300.1.1.1" in capsys.readouterr().err
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["app", "--port", str(port), "--address", "127.0.0.1"]) == 2
    error = capsys.readouterr().err
    assert f"cannot listen at 127.0.0.1:{port}" in error
    assert "choose another --port or --address" in error


@pytest.mark.parametrize(
    ("module", "arguments", "extra"),
    [
        ("streamlit", ["app"], "app"),
        ("plotly", ["report", "shipped:runs/modgap-mini"], "app"),
        ("datasets", ["corpus", "SAVED", "--out", "run"], "corpus"),
        ("ray", ["corpus", _MANIFEST, "--limit", "1", "--engine", "ray", "--out", "run"], "ray"),
        ("bitsandbytes", ["doctor", "--quantization", "8bit"], "quantized"),
    ],
)
def test_a_missing_extra_is_named_with_its_command(
    module: str,
    arguments: list[str],
    extra: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    saved = tmp_path / "saved"
    saved.mkdir()
    (saved / "state.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, module, None)
    assert main([str(saved) if word == "SAVED" else word for word in arguments]) == 2
    error = capsys.readouterr().err
    assert f"needs the package '{module}'" in error
    assert f"pip install 'modgap[{extra}]'" in error


def test_ifeval_without_its_checkers_is_refused_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "if_verifiable", None)
    with pytest.raises(ScoringError, match=re.escape("pip install 'modgap[corpus]'")):
        ifeval_scorers()


def test_a_figure_without_kaleido_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kaleido", None)
    with pytest.raises(ResultError, match=re.escape("PNG export needs the package 'kaleido'")):
        image_bytes(go.Figure(), "png")


def requirements(name: str) -> dict[str, Requirement]:
    """Lines of a requirements file by package."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith(("-", "#"))]
    return {one.name: one for one in found}


def test_the_tried_pins_lie_within_the_ranges() -> None:
    extras = PROJECT["optional-dependencies"]
    ranges = [Requirement(line) for line in (*PROJECT["dependencies"], *extras["app"], *extras["corpus"])]
    tried = requirements("requirements.txt")
    assert {one.name for one in ranges} == set(tried)
    for one in ranges:
        for pin in tried[one.name].specifier:
            assert pin.operator != "==" or pin.version in one.specifier, f"{one} excludes {pin}"
    for name in ("torch", "transformers"):
        assert [pin.operator for pin in tried[name].specifier] == ["=="]


def test_all_is_every_extra() -> None:
    extras = PROJECT["optional-dependencies"]
    (everything,) = map(Requirement, extras["all"])
    assert everything.name == "modgap"
    assert everything.extras == set(extras) - {"all"}


@pytest.mark.slow
def test_the_wheel_holds_all_that_is_read(tmp_path: Path) -> None:
    source = tmp_path / "source"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.decode()
    names = [name for name in tracked.split("\0") if name and (ROOT / name).is_file()]
    if not names:
        pytest.skip("this is no git checkout")
    for name in names:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(source)],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    code = {name for name in names if name.startswith(("modgap_core/", "dashboard/"))}
    assets = {f"modgap_core/{name}" for name in names if name.startswith("assets/")}
    assert len(assets) > 500
    assert (code | assets) - held == set()
    assert not [name for name in held if name.startswith(("tests/", "benchmarks/", "tools/", "assets/"))]
