"""Manifests: every format, VoiceBench's columns, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from datasets import Audio, Dataset, DatasetDict

from modgap_core.corpus.manifest.read import ManifestError, read_manifest

ROWS = [
    {"id": "a", "audio": "a.wav", "transcript": "what is this", "reference": "a dog", "accent": "usa", "snr": 5.0},
    {"id": "b", "audio": "b.wav", "transcript": "and that", "reference": "a cat", "accent": "india", "snr": 10.0},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.wav", "b.wav"):
        sf.write(tmp_path / name, np.sin(np.arange(8000) / 20), 16_000)
    return tmp_path


def write(folder: Path, rows: list[dict[str, object]], kind: str) -> Path:
    path, table = folder / f"m.{kind}", pd.DataFrame(rows)
    if kind == "csv":
        table.to_csv(path, index=False)
    elif kind == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows))
    else:
        table.to_parquet(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_formats_give_the_same_items(folder: Path, kind: str) -> None:
    first, second = read_manifest(write(folder, ROWS, kind)).items
    assert (first.id, first.transcript, first.reference, first.task) == ("a", "what is this", "a dog", "qa")
    assert first.clip().duration_s == first.duration_s == 0.5
    assert second.slices["accent"] == "india"
    assert float(second.slices["snr"]) == 10


def test_a_folder_in_the_layout_of_hugging_face(folder: Path) -> None:
    pd.DataFrame(
        [{"file_name": r["audio"], "transcript": r["transcript"], "accent": r["accent"]} for r in ROWS]
    ).to_csv(folder / "metadata.csv", index=False)
    items = read_manifest(folder).items
    assert [(i.transcript, i.slices["accent"], i.task) for i in items] == [
        ("what is this", "usa", "none"),
        ("and that", "india", "none"),
    ]
    assert items[0].clip().duration_s == 0.5


def voicebench(folder: Path, name: str, columns: dict[str, list[object]], splits: tuple[str, ...]) -> Path:
    """A data set as VoiceBench publishes it, written by the datasets library: sounds inside Parquet files."""
    audio = [{"bytes": (folder / "a.wav").read_bytes(), "path": "a.wav"}] * 2
    data = Dataset.from_dict({"audio": audio, **columns}).cast_column("audio", Audio(decode=False))
    target = folder / name
    DatasetDict(dict.fromkeys(splits, data)).save_to_disk(str(target))
    return target


def test_voicebench_splits_are_slices(folder: Path) -> None:
    columns: dict[str, list[object]] = {"prompt": ["Which? A. x B. y", "What?"], "reference": ["B", "A"]}
    items = read_manifest(voicebench(folder, "mmsu", columns, ("law", "biology"))).items
    assert len(items) == 4
    assert {i.task for i in items} == {"mcq"}
    assert [i.slices["split"] for i in items] == ["law", "law", "biology", "biology"]
    assert items[0].transcript == "Which? A. x B. y"
    assert items[0].clip().duration_s == 0.5
    assert len({i.id for i in items}) == 4


def test_voicebench_as_it_is_downloaded(folder: Path) -> None:
    """Parquet files, a split each, in parts."""
    (folder / "sd-qa").mkdir()
    audio = [{"bytes": (folder / "a.wav").read_bytes(), "path": "a.wav"}]
    for name in ("usa-00000-of-00001", "ind_n-00000-of-00002", "ind_n-00001-of-00002"):
        data = Dataset.from_dict({"audio": audio, "prompt": ["What?"], "reference": ["x"]})
        data.cast_column("audio", Audio(decode=False)).to_parquet(folder / "sd-qa" / f"{name}.parquet")
    items = read_manifest(folder / "sd-qa").items
    assert [i.slices["split"] for i in items] == ["ind_n", "ind_n", "usa"]
    assert {i.task for i in items} == {"qa"}
    assert items[0].clip().duration_s == 0.5


def test_voicebench_ifeval(folder: Path) -> None:
    columns: dict[str, list[object]] = {
        "prompt": ["Write without commas.", "Write two words."],
        "key": [1, 2],
        "instruction_id_list": [["punctuation:no_comma"], ["length_constraints:number_words"]],
        "kwargs": [[{"num_words": None}], [{"num_words": 2}]],
    }
    items = read_manifest(voicebench(folder, "ifeval", columns, ("test",))).items
    assert {i.task for i in items} == {"ifeval"}
    assert list(items[0].details["instruction_id_list"]) == ["punctuation:no_comma"]
    assert "split" not in items[0].slices


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_whole_numbers_stay_whole_beside_missing_cells(folder: Path, kind: str) -> None:
    rows = [{**ROWS[0], "id": 7, "reference": 20, "speaker": 1234567}, {**ROWS[1], "id": 8, "speaker": 1234568}]
    rows[1].pop("reference", None)
    first, second = read_manifest(write(folder, rows, kind)).items
    assert (first.id, first.reference, first.slices["speaker"]) == ("7", "20", "1234567")
    assert (second.reference, second.slices["speaker"]) == ("", "1234568")


def test_a_slice_may_be_called_like_a_result(folder: Path) -> None:
    rows = [{**row, "text": "old", "status": 1, "gap": "wide", "accent": "usa"} for row in ROWS]
    slices = read_manifest(write(folder, rows, "jsonl")).items[0].slices
    assert slices == {"snr": "5", "slice_text": "old", "slice_status": "1", "slice_gap": "wide", "accent": "usa"}


@pytest.mark.parametrize(
    ("choices", "read"),
    [
        ([20, 30], ["20", "30"]),
        ("20|30", ["20", "30"]),
        ("[20, 30]", ["20", "30"]),
        ({"text": ["20", "30"], "label": ["A", "B"]}, ["20", "30"]),
    ],
)
def test_choices_in_every_form(folder: Path, choices: object, read: list[str]) -> None:
    rows = [{**row, "task": "mcq", "reference": "B", "choices": choices} for row in ROWS]
    assert read_manifest(write(folder, rows, "jsonl")).items[0].details["choices"] == read


def test_marks_and_capitals_of_files(folder: Path) -> None:
    text = write(folder, ROWS, "jsonl").read_text()
    (folder / "bom.jsonl").write_text("\ufeff" + text)
    (folder / "big.JSONL").write_text(text)
    for name in ("bom.jsonl", "big.JSONL"):
        assert len(read_manifest(folder / name).items) == 2


def test_the_hash_follows_the_content(folder: Path) -> None:
    one = read_manifest(write(folder, ROWS, "csv")).content_hash
    assert one == read_manifest(write(folder, ROWS, "csv")).content_hash
    changed = [{**ROWS[0], "transcript": "what was this"}, ROWS[1]]
    assert one != read_manifest(write(folder, changed, "csv")).content_hash


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": "b"}, r"1 id\(s\) stand more than once in the manifest, first 'b'"),
        ({"audio": "none.wav"}, r"1 of 2 sound files are not there, first 'none.wav'"),
        ({"audio": 7}, r"The audio in row 1 is 7; it must be the path of a sound file"),
        ({"task": "quiz"}, r"Unknown task 'quiz'; choose from qa"),
        ({"transcript": ["a", "b"]}, r"The column 'transcript' holds list in row 1; it must hold text"),
        ({"audio": "x" * 5000}, r"1 of 2 sound files are not there"),
        ({"units": 5}, r"The units in row 1 are 5; give a list of whole numbers"),
        ({"task": "mcq", "reference": "0"}, r"1 of 1 multiple-choice items have a reference that is no letter"),
        ({"choices": ["a", "b", "c", "d", "e"]}, r"There are 5 choices in row 1; ModGap scores up to 4, A to D"),
        ({"choices": ["a", None]}, r"The choices in row 1 are \['a', None\]; give a list of the options' texts"),
        ({"accent": {"a": 1}}, r"The column 'accent' holds dict in row 1; ModGap knows no such column"),
    ],
)
def test_what_is_refused(folder: Path, change: dict[str, object], sentence: str) -> None:
    with pytest.raises(ManifestError, match=sentence):
        read_manifest(write(folder, [{**ROWS[0], **change}, ROWS[1]], "jsonl"))


def test_empty_and_missing_and_broken_manifests(folder: Path) -> None:
    with pytest.raises(ManifestError, match="There is no manifest at"):
        read_manifest(folder / "none.csv")
    (folder / "empty.csv").write_text("")
    with pytest.raises(ManifestError, match="has no rows"):
        read_manifest(folder / "empty.csv")
    (folder / "header.csv").write_text("audio,transcript\n")
    with pytest.raises(ManifestError, match="has no rows"):
        read_manifest(folder / "header.csv")
    (folder / "broken.jsonl").write_text('{"audio": ')
    with pytest.raises(ManifestError, match=r"'broken.jsonl' cannot be read"):
        read_manifest(folder / "broken.jsonl")
    (folder / "m.xlsx").write_bytes(b"x")
    with pytest.raises(ManifestError, match=r"is no manifest that ModGap reads; give \.csv"):
        read_manifest(folder / "m.xlsx")
    (folder / "columns.csv").write_text("sound,transcript\na.wav,hello\n")
    with pytest.raises(ManifestError, match="has no column 'audio'; it has sound, transcript"):
        read_manifest(folder / "columns.csv")
    (folder / "cells.csv").write_text("audio,transcript\na.wav,one, two\n")
    with pytest.raises(ManifestError, match="line 2 has more cells than the header"):
        read_manifest(folder / "cells.csv")
    (folder / "twice.csv").write_text("audio,transcript,audio\na.wav,one,b.wav\n")
    with pytest.raises(ManifestError, match="the column 'audio' stands twice"):
        read_manifest(folder / "twice.csv")
    (folder / "list.jsonl").write_text("[1]\n")
    with pytest.raises(ManifestError, match="line 1 is no JSON object"):
        read_manifest(folder / "list.jsonl")
    (folder / "saved").mkdir()
    (folder / "saved" / "state.json").write_text("{}")
    with pytest.raises(ManifestError, match="The data set in 'saved' cannot be read"):
        read_manifest(folder / "saved")
    (folder / "headers").mkdir()
    (folder / "headers" / "metadata.csv").write_text("file_name,transcript\n")
    with pytest.raises(ManifestError, match="has no rows"):
        read_manifest(folder / "headers")
    (folder / "nothing").mkdir()
    with pytest.raises(ManifestError, match=r"The folder 'nothing' is no audio data set: it has no metadata\.csv"):
        read_manifest(folder / "nothing")
