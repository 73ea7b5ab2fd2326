"""The result zip: opened as it was saved, and refused where it is anything else."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from dashboard.shared.exports import intervention_zip, result_zip
from dashboard.shared.saved_result import SavedResult
from modgap_core import Condition, analyze_pair, intervene, load_result
from modgap_core.cli.command_line import main
from modgap_core.errors import ResultError
from modgap_core.interventions.store import load_intervention
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.results import bundle
from modgap_core.results.bundle import opened_result
from modgap_core.results.pair_result import PairResult
from tests.same_result import assert_same

Files = dict[str, bytes]


@pytest.fixture
def result(tiny_models: dict[str, SpeechLM], wave: np.ndarray) -> PairResult:
    return analyze_pair(tiny_models["lslm-qwen2"], wave, "<b>hi</b> 😀", reference="x", null=False, max_new_tokens=2)


@pytest.fixture
def files(result: PairResult) -> Files:
    """The parts of a good zip."""
    with zipfile.ZipFile(BytesIO(result_zip(result))) as good:
        return {name: good.read(name) for name in good.namelist()}


def zipped(files: Files) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return buffer.getvalue()


def test_a_zip_opens_as_it_was_saved_and_leaves_nothing_behind(result: PairResult, tmp_path: Path) -> None:
    with opened_result(result_zip(result), "r.zip") as folder:
        assert_same(result, load_result(folder))
    assert not folder.exists()
    (tmp_path / "r.zip").write_bytes(result_zip(result))
    with SavedResult(str(tmp_path / "r.zip")).opened() as folder:
        assert_same(result, load_result(folder))


def test_an_interventions_zip_opens(tiny_models: dict[str, SpeechLM], wave: np.ndarray) -> None:
    result = intervene(tiny_models["lslm-qwen2"], wave, "hi you", [Condition()], reference="ho", max_new_tokens=2)
    with opened_result(intervention_zip(result), "i.zip") as folder:
        loaded = load_intervention(folder)
    assert loaded.target == result.target
    for was, came in zip(result.outcomes, loaded.outcomes, strict=True):
        assert_same(was, came)
    with (
        pytest.raises(ResultError, match=r"'i\.zip' has the format .*open it on its own page, Interventions"),
        opened_result(intervention_zip(result), "i.zip") as folder,
    ):
        load_result(folder)


def test_a_pairs_zip_says_where_it_belongs(result: PairResult) -> None:
    with (
        pytest.raises(ResultError, match=r"'p\.zip' has the format .*open it on its own page, One pair"),
        opened_result(result_zip(result), "p.zip") as folder,
    ):
        load_intervention(folder)


def test_packed_again_in_a_folder_it_opens(result: PairResult, files: Files) -> None:
    again = zipped({f"modgap_result/{name}": data for name, data in files.items()} | {"__MACOSX/._x": b""})
    with opened_result(again, "r.zip") as folder:
        assert_same(result, load_result(folder))


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "C:\\evil", "..\\evil", "a/../../evil"])
def test_a_name_that_leads_out_is_refused(files: Files, name: str) -> None:
    assert_refused(zipped({**files, name: b"x"}), r"holds the name .*evil.*which leads out of it")


def test_a_link_is_refused(files: Files) -> None:
    link = zipfile.ZipInfo("speech.wav")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = BytesIO(zipped({name: data for name, data in files.items() if name != "speech.wav"}))
    with zipfile.ZipFile(buffer, "a") as made:
        made.writestr(link, "/etc/passwd")
    assert_refused(buffer.getvalue(), r"holds a link, 'speech\.wav'")


def test_a_bomb_is_refused_before_it_is_unpacked(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_BYTES", 10_000_000)
    bomb = zipped({**files, "speech.wav": bytes(20_000_000)})
    assert len(bomb) < 1_000_000
    assert_refused(bomb, r"unpacks to 20 MB, more than 10 MB")


def many(files: Files) -> Files:
    return files | {f"{number}.txt": b"" for number in range(bundle.MAX_ENTRIES)}


def without(name: str) -> Callable[[Files], Files]:
    return lambda files: {file: data for file, data in files.items() if file != name}


def two_results(files: Files) -> Files:
    return files | {f"other/{name}": data for name, data in files.items()}


def newer(files: Files) -> Files:
    header = json.loads(files["result.json"]) | {"format": "modgap-pair-99"}
    return files | {"result.json": json.dumps(header).encode()}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (many, "holds 68 files, a result 4"),
        (without("arrays.safetensors"), r"lacks arrays\.safetensors; give the zip"),
        (without("result.json"), "holds 0 ModGap results"),
        (two_results, "holds 2 ModGap results"),
        (lambda _: {"photo.jpg": b"x"}, "holds 0 ModGap results"),
        (newer, r"'r\.zip' has the format 'modgap-pair-99', .*analyse the pair again with this version"),
        (lambda files: files | {"result.json": b"{}"}, "has the format 'None', .*open a result that ModGap saved"),
        (lambda files: files | {"result.json": b"[1]"}, r"'r\.zip' is broken"),
        (lambda files: files | {"speech.wav": b"no sound"}, r"'r\.zip' is broken"),
    ],
)
def test_a_zip_of_something_else_is_refused(files: Files, change: Callable[[Files], Files], sentence: str) -> None:
    assert_refused(zipped(change(files)), sentence)


def test_a_part_twice_is_refused(files: Files) -> None:
    buffer = BytesIO(zipped(files))
    with zipfile.ZipFile(buffer, "a") as made, pytest.warns(UserWarning, match="Duplicate name"):
        made.writestr("result.json", b"{}")
    assert_refused(buffer.getvalue(), r"holds 'result\.json' twice")


@pytest.mark.parametrize("data", [b"", b"PK", b"<html></html>" * 50])
def test_no_zip_is_refused(data: bytes) -> None:
    assert_refused(data, "is no zip, or a damaged one")


def test_a_cut_or_damaged_zip_is_refused(result: PairResult) -> None:
    good = result_zip(result)
    assert_refused(good[: len(good) // 2], "is no zip, or a damaged one")
    middle = len(good) // 2
    assert_refused(good[:middle] + bytes(64) + good[middle + 64 :], "damaged|cannot be unpacked")


@pytest.mark.parametrize(
    ("name", "cut", "sentence"),
    [
        ("values.cosine", lambda a: a[:-1], r"The saved values\.cosine has the shape"),
        ("path.euclidean.argmax", lambda a: a[:, :-1], r"The saved path\.euclidean\.argmax has the shape"),
        ("speech_spans_s", lambda a: a[:-1], "The saved cosine matrices have the shape"),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused(
    files: Files, tmp_path: Path, name: str, cut: Callable[[np.ndarray], np.ndarray], sentence: str
) -> None:
    path = tmp_path / "arrays.safetensors"
    path.write_bytes(files["arrays.safetensors"])
    arrays = load_file(path)
    save_file({**arrays, name: np.ascontiguousarray(cut(arrays[name]))}, path)
    assert_refused(zipped({**files, path.name: path.read_bytes()}), sentence)


def test_show_prints_a_zip_and_refuses_another(
    result: PairResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.zip"
    path.write_bytes(result_zip(result))
    assert main(["show", str(path)]) == 0
    assert f"{result.cosine.curve[1]:.3f}" in capsys.readouterr().out
    path.write_bytes(b"nothing")
    assert main(["show", str(path)]) == 2
    assert "is no zip" in capsys.readouterr().err


def assert_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(ResultError, match=sentence) as refused, opened_result(data, "r.zip") as folder:
        load_result(folder)
    assert "/tmp" not in str(refused.value)
