"""A corpus from manifest to tables: batched equals single, resumed equals uninterrupted, failures stay single."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import soundfile as sf
import torch

from modgap_core.analysis.pair import analyze_pair
from modgap_core.audio.load import load_audio
from modgap_core.cli.command_line import main
from modgap_core.corpus.columns import ANSWERS, ITEMS, LAYERS, SCORES, TABLES, item_quantities, layer_quantities
from modgap_core.corpus.engine.batches import make_batches
from modgap_core.corpus.engine.execution import Execution
from modgap_core.corpus.engine.measure_batch import measure_batch, read_items
from modgap_core.corpus.engine.parts import EngineParts, corpus_null_bank, load_parts
from modgap_core.corpus.engine.progress import RunProgress
from modgap_core.corpus.manifest.read import Manifest, read_manifest
from modgap_core.corpus.read.scored_runs import items_of_run, scored_runs
from modgap_core.corpus.read.tables import TABLES_OF_RUN, ScoredRun, gap_table, item_table, model_table, scorer_table
from modgap_core.corpus.run import run_corpus
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.corpus.store.merge_runs import merge_runs
from modgap_core.corpus.store.run_folder import load_run
from modgap_core.corpus.store.shard import tables_of
from modgap_core.errors import ModGapError, ResultError
from modgap_core.interventions.paper_table import table_conditions
from modgap_core.interventions.run import intervene
from modgap_core.metrics import SIMILARITIES, Measures
from modgap_core.models.speech_lm import SpeechLM

EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"
QUICK = CorpusSettings(max_new_tokens=12, n_null=3, batch_size=4)

WHOLE = CorpusSettings(
    asr="mini", backbone="mini", conditions=table_conditions(), max_new_tokens=12, n_null=3, batch_size=4
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten real clips, one of which is corrupt and one silent, as a manifest."""
    folder = tmp_path_factory.mktemp("corpus")
    table = pd.read_csv(EXAMPLES / "examples.csv")
    for name in table.file:
        shutil.copy(EXAMPLES / name, folder / name)
    manifest = table.rename(columns={"file": "audio"})[["audio", "transcript", "reference", "kind"]]
    (folder / "corrupt.flac").write_bytes(b"fLaC" + bytes(range(200)))
    sf.write(folder / "silent.wav", np.zeros(16_000), 16_000)
    bad = pd.DataFrame({"audio": ["corrupt.flac", "silent.wav"], "transcript": "what is this", "kind": "bad"})
    pd.concat([manifest[:4], bad, manifest[4:]]).to_csv(folder / "pairs.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def manifest(folder: Path) -> Manifest:
    return read_manifest(folder / "pairs.csv")


@pytest.fixture(scope="module")
def whole(manifest: Manifest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run with pipeline, backbone and interventions."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    run_corpus(manifest, [None], out, WHOLE)
    return out


def files_of(run: Path) -> dict[str, str]:
    """Hashes of all tables."""
    return {
        p.relative_to(run).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(run.glob("*/tables/*"))
    }


@pytest.mark.numeric
def test_batched_quantities_equal_analyze_pair(model: SpeechLM, manifest: Manifest) -> None:
    """Every architecture: the batch against one pair after the other, null reference included."""
    items = [i for i in manifest.items if i.slices["kind"] != "bad"][:3]
    items = [type(i)(**{**vars(i), "audio": _short(i.clip().samples)}) for i in items]
    parts = EngineParts(model)
    parts = EngineParts(model, bank=corpus_null_bank(parts, items, QUICK))
    results = measure_batch(parts, CorpusSettings(max_new_tokens=3), read_items(items))
    assert not [r.error for r in results if r.error]
    for item, result in zip(items, results, strict=True):
        alone = analyze_pair(model, item.clip(), item.transcript, null=False, max_new_tokens=3)
        for name in SIMILARITIES.own_names():
            ours, theirs = result.values(name), alone.values(name)
            np.testing.assert_allclose(ours.curve, theirs.curve, rtol=2e-3, atol=2e-4)
            np.testing.assert_allclose(ours.aps_terms, theirs.aps_terms, rtol=2e-3, atol=2e-4)
            assert ours.path.shape == theirs.path.shape
            assert (ours.path == theirs.path).mean() > 0.9  # near ties may fall the other way in another batch
            assert ours.null_aps_terms.shape[1] == len(ours.curve)
        assert result.n_speech_tokens == alone.cosine.matrix.shape[1]


def _short(samples: np.ndarray) -> bytes:
    """The first second and a half, for models whose window has two seconds."""
    import io

    buffer = io.BytesIO()
    sf.write(buffer, samples[:24_000], 16_000, format="WAV", subtype="FLOAT")
    return buffer.getvalue()


def test_the_null_reference_is_that_of_a_single_pair(manifest: Manifest) -> None:
    """With the corpus's own bank, `analyze_pair` gives the same mismatched pairs."""
    parts = load_parts(None, QUICK, manifest.items)
    item = manifest.items[0]
    (result,) = measure_batch(parts, QUICK, read_items([item]))
    assert parts.bank is not None
    alone = analyze_pair(parts.model, item.clip(), item.transcript, null=parts.bank)
    for name in SIMILARITIES.own_names():
        theirs = alone.values(name)
        n = len(theirs.null_curve) // 2
        ours = result.values(name)
        kept = [j for side in (0, n) for j in range(side, side + len(ours.null_curve) // 2)]
        np.testing.assert_allclose(ours.null_curve, theirs.null_curve[kept], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(ours.null_aps_terms, theirs.null_aps_terms[kept], rtol=1e-3, atol=1e-4)


def test_answers_equal_single_ones(whole: Path, manifest: Manifest) -> None:
    (scored,) = scored_runs(load_run(whole))
    model = load_parts(None, CorpusSettings(n_null=0), ()).model
    answers = scored.results.answers.set_index(["row", "condition"]).answer
    for item in manifest.items[:3]:
        single = intervene(model, item.clip(), item.transcript, max_new_tokens=12)
        assert answers[item.row, "speech"] == single.speech.answer
        assert answers[item.row, "text"] == single.text.answer
        for outcome in single.edited:
            if outcome.condition is not None and outcome.condition.method != "other-transcript":
                assert answers[item.row, outcome.label] == outcome.answer  # a corpus takes its own other questions
    assert {"pipeline", "pipeline_backbone", "text_backbone"} <= set(scored.conditions)


def test_one_bad_item_does_not_stop_the_run(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (scored,) = scored_runs(load_run(whole))
    items = scored.results.items
    assert list(items.row) == list(range(12))
    failed = items[items.status == "failed"]
    assert set(failed.audio) == {"corrupt.flac", "silent.wav"}
    assert all("'corrupt.flac' is not a sound file" in r or "'silent.wav' is silent" in r for r in failed.reason)
    assert main(["show", str(whole)]) == 0
    assert "2 of 12 items failed" in " ".join(capsys.readouterr().out.split())


def test_resumed_equals_uninterrupted(manifest: Manifest, whole: Path, tmp_path: Path) -> None:

    def stop_early(progress: RunProgress) -> None:
        if progress.done - progress.before >= 4:
            raise KeyboardInterrupt

    out, resume = tmp_path / "stopped", False
    for _ in range(8):
        try:
            run_corpus(manifest, [None], out, WHOLE, resume=resume, tell=stop_early)
            break
        except KeyboardInterrupt:
            resume = True
    assert files_of(out) == files_of(whole)
    assert files_of(out)


def test_parts_merge_to_the_whole(manifest: Manifest, tmp_path: Path) -> None:
    run_corpus(manifest, [None], tmp_path / "all", QUICK)
    for k in (1, 2):
        run_corpus(manifest, [None], tmp_path / f"part{k}", QUICK, Execution(part=(k, 2)))
    merged = merge_runs([tmp_path / "part1", tmp_path / "part2"], tmp_path / "merged")
    assert not merged.models[0].is_complete
    run_corpus(manifest, [None], tmp_path / "merged", QUICK, resume=True)
    assert files_of(tmp_path / "merged") == files_of(tmp_path / "all")
    with pytest.raises(ResultError, match="is there already; choose another --out"):
        merge_runs([tmp_path / "part1"], tmp_path / "merged")
    run_corpus(manifest, [None], tmp_path / "other", CorpusSettings(n_null=2))
    with pytest.raises(ResultError, match=r"The run was begun with .* = .*, now it is"):
        merge_runs([tmp_path / "part1", tmp_path / "other"], tmp_path / "never")


def test_what_resume_refuses(manifest: Manifest, whole: Path, tmp_path: Path) -> None:
    before = files_of(whole)
    with pytest.raises(ResultError, match="There is no run to resume in 'none'"):
        run_corpus(manifest, [None], tmp_path / "none", QUICK, resume=True)
    with pytest.raises(ResultError, match="There is a run in 'whole' already; go on with it by --resume"):
        run_corpus(manifest, [None], whole, QUICK)
    with pytest.raises(ResultError, match=r"The run was begun with .* = .*, now it is"):
        run_corpus(manifest, [None], whole, QUICK, resume=True)
    with pytest.raises(ResultError, match="was begun on the manifest 'pairs'"):
        run_corpus(manifest.first(3), [None], whole, QUICK, resume=True)
    header = json.loads((whole / "run.json").read_text())
    old = shutil.copytree(whole, tmp_path / "old")
    (old / "run.json").write_text(json.dumps({**header, "format": "modgap-corpus-0"}))
    with pytest.raises(ResultError, match="of the format 'modgap-corpus-0', but this ModGap reads 'modgap-corpus-2'"):
        load_run(old)
    with pytest.raises(ModGapError, match="There is no model folder"):
        run_corpus(manifest, ["./no-model"], tmp_path / "new", QUICK)
    run_corpus(manifest.first(2), [None], tmp_path / "new", QUICK)  # nothing had been begun there
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("keep")
    with pytest.raises(ResultError, match="not an empty folder"):
        run_corpus(manifest, [None], tmp_path / "full", QUICK)
    assert (tmp_path / "full" / "mine.txt").read_text() == "keep"
    assert files_of(whole) == before


def test_batches_are_bounded_and_fixed(manifest: Manifest) -> None:
    batches = make_batches(manifest.items, 4, 6.0)
    assert sorted(i.row for b in batches for i in b.items) == list(range(12))
    for batch in batches:
        durations = [i.duration_s for i in batch.items]
        assert durations == sorted(durations)
        assert len(batch.items) == 1 or len(batch.items) * max(durations) <= 6.0
    assert batches == make_batches(tuple(manifest.items), 4, 6.0)
    assert any(i.audio_name == "corrupt.flac" for b in batches if len(b.items) == 1 for i in b.items)


def test_a_batch_that_does_not_fit_is_halved(manifest: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = EngineParts(load_parts(None, CorpusSettings(n_null=0), ()).model)
    encode = parts.model.encode_speech

    def small_gpu(waves: list[np.ndarray], *rest: str) -> object:
        if len(waves) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return encode(waves, *rest)

    monkeypatch.setattr(parts.model, "encode_speech", small_gpu)
    results = measure_batch(parts, CorpusSettings(n_null=0), read_items(manifest.items[:6]))
    assert [bool(r.error) for r in results] == [False] * 4 + [True] * 2


def test_tables_hold_what_the_columns_say(whole: Path) -> None:
    run = load_run(whole)
    tables = run.models[0].tables()
    expected = {
        "items": [*ITEMS, *item_quantities(Measures())],
        "answers": list(ANSWERS),
        "scores": list(SCORES),
        "layers": [*LAYERS, *layer_quantities(Measures())],
    }
    assert list(expected) == list(TABLES)
    for name, columns in expected.items():
        assert columns == list(getattr(tables, name).columns)[: len(columns)]
    assert set(tables.paths) == {
        f"{row:08d}.{m}" for row in tables.layers.row.unique() for m in SIMILARITIES.own_names()
    }
    query = f"select condition, avg(value) from read_parquet('{whole}/*/tables/scores.parquet') group by condition"
    found = dict(duckdb.sql(query).fetchall())
    scores = tables.scores
    assert found["speech"] == pytest.approx(scores[scores.condition == "speech"].value.mean())


def test_tables_of_the_run(whole: Path) -> None:
    (scored,) = scored_runs(load_run(whole))
    for build in TABLES_OF_RUN.values():
        assert len(build(scored)) > 0
    gaps = gap_table(scored).iloc[-1]
    wide = scored.wide
    assert gaps["gap"] == pytest.approx(100 * (wide.text - wide.speech).mean())
    assert gaps.mrr_denominator == "original text backbone"
    items = item_table(scored)
    order = (items.score_text - items.score_speech).dropna()
    assert order.is_monotonic_decreasing
    assert len(model_table([scored])) == 1


def test_the_way_back_to_the_pair(whole: Path, folder: Path, manifest: Manifest, tmp_path: Path) -> None:
    run = load_run(whole)
    assert items_of_run(run)[0].clip().sha256 == load_audio(folder / manifest.items[0].audio_name).sha256
    moved = shutil.copytree(whole, tmp_path / "deep" / "moved")
    with pytest.raises(ResultError, match="is not where it was"):
        items_of_run(load_run(moved))


def test_the_disk_is_full(manifest: Manifest, tmp_path: Path) -> None:
    """A limit on the size of files stands for a full disk: both are an OSError while writing."""
    import resource

    out = tmp_path / "run"
    run_corpus(manifest.first(4), [None], out, QUICK)
    assert len(files_of(out)) == 5
    results = tables_of(measure_batch(load_parts(None, QUICK, manifest.items), QUICK, read_items(manifest.items[:1])))
    from modgap_core.corpus.store.shard import write_tables

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(ResultError, match=r"cannot be written .* what was finished before is kept\. Make room"):
            write_tables(out / "modgap-mini" / "shards" / "00009", results)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((out / "modgap-mini" / "shards").iterdir()) == []
    assert len(files_of(out)) == 5


def test_the_command(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["corpus", str(folder / "pairs.csv"), "--out", str(tmp_path / "r"), "--max-new-tokens", "8"]
    assert main([*arguments, "--limit", "3", "--null", "2"]) == 0
    assert "GAP, points" in capsys.readouterr().out
    assert main([*arguments, "--limit", "3", "--null", "2", "--resume"]) == 0
    assert main(["report", str(tmp_path / "r")]) == 0
    page = (tmp_path / "r" / "report.html").read_text()
    assert "plotly" in page
    assert '<script src="http' not in page
    assert main([*arguments, "--limit", "0"]) == 2
    assert main([*arguments, "--part", "3/2"]) == 2
    assert main([*arguments, "--batch-size", "0"]) == 2
    assert main([*arguments, "--tag", "lora"]) == 2


def test_unknown_engine() -> None:
    with pytest.raises(ModGapError, match="Unknown engine 'spark'; choose from local, ray"):
        Execution(engine="spark")


def stopped_after(batches: int, manifest: Manifest, out: Path) -> Path:
    """A run that was stopped; its shards' folder."""

    def tell(progress: RunProgress) -> None:
        if progress.done >= 4 * batches:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_corpus(manifest, [None], out, QUICK, tell=tell)
    return out / "modgap-mini" / "shards"


def test_broken_batches_are_run_again(manifest: Manifest, tmp_path: Path) -> None:
    run_corpus(manifest, [None], tmp_path / "whole", QUICK)
    shards = stopped_after(3, manifest, tmp_path / "run")
    one, other = sorted(shards.glob("[0-9]*"))[:2]
    (one / "items.parquet").write_bytes(b"PAR1")
    shutil.rmtree(other)
    other.mkdir()
    run_corpus(manifest, [None], tmp_path / "run", QUICK, resume=True)
    assert files_of(tmp_path / "run") == files_of(tmp_path / "whole")


def test_one_process_writes_to_a_run(manifest: Manifest, tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="Another process is writing to the run in 'run'; wait for it"):
        run_corpus(
            manifest.first(2),
            [None],
            tmp_path / "run",
            QUICK,
            tell=lambda _: run_corpus(manifest.first(2), [None], tmp_path / "run", QUICK, resume=True) and None,
        )
    run_corpus(manifest.first(2), [None], tmp_path / "run", QUICK, resume=True)


def test_half_written_files_of_a_run(manifest: Manifest, tmp_path: Path) -> None:
    run_corpus(manifest.first(2), [None], tmp_path / "run", QUICK)
    (tmp_path / "run" / "modgap-mini" / "model.json").write_text("{}")
    with pytest.raises(ResultError, match=r"modgap-mini/model.json is not of a run \(it lacks 'provenance'\)"):
        scored_runs(load_run(tmp_path / "run"))
    (tmp_path / "run" / "run.json").write_text('{"format": "modgap-corpus-1"}')
    assert main(["show", str(tmp_path / "run")]) == 2
    (tmp_path / "run" / "run.json").write_text('{"format": ')
    assert main(["show", str(tmp_path / "run")]) == 2


def test_a_run_of_which_every_item_failed(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.csv").write_text("audio,transcript\nsilent.wav,hello\ncorrupt.flac,hello\n")
    assert main(["corpus", str(folder / "bad.csv"), "--out", str(tmp_path / "r"), "--null", "0"]) == 0
    assert "2 of 2 items failed" in capsys.readouterr().out
    assert main(["report", str(tmp_path / "r")]) == 0


def test_columns_named_like_results_and_odd_choices(folder: Path, tmp_path: Path) -> None:
    """No column of a manifest can touch the results, and an item that cannot be scored says why."""
    rows = [
        {"audio": "01-right.flac", "transcript": "which number comes after six", "reference": reference, "task": "mcq"}
        | {"text": "x", "status": "y", "row": 5, "gap": 1, "answer_text": "z", "aps_cosine": "high"}
        for reference in ("B", "")
    ]
    (folder / "odd.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    out = str(tmp_path / "r")
    assert main(["corpus", str(folder / "odd.jsonl"), "--out", out, "--null", "0", "--max-new-tokens", "8"]) == 0
    assert main(["report", out]) == 0
    (scored,) = scored_runs(load_run(out))
    assert set(scored.slice_columns) == {f"slice_{name}" for name in rows[0] if name in list(rows[0])[4:]}
    assert scored.wide.text.notna().tolist() == [True, False]
    rules = scored.results.scores.query("row == 1 and scorer == 'mcq_robust'").rule
    assert set(rules) == {"no reference"}


def test_task_tags_and_merged_sounds(folder: Path, tmp_path: Path) -> None:
    (folder / "plain.csv").write_text("audio,transcript\n01-right.flac,hello\n02-right.flac,hello you\n")
    arguments = ["corpus", str(folder / "plain.csv"), "--null", "0", "--max-new-tokens", "4", "--task", "refusal"]
    arguments += ["--batch-size", "1"]
    for part in ("1/2", "2/2"):
        out = str(tmp_path / part[0])
        assert main([*arguments, "--out", out, "--part", part, "--tag", "family=mini"]) == 0
    assert main([*arguments, "--out", str(tmp_path / "3"), "--part", "3/3"]) == 0  # of two batches
    merged = tmp_path / "deep" / "merged"
    assert main(["merge", str(tmp_path / "1"), str(tmp_path / "2"), "--out", str(merged)]) == 0
    assert main([*arguments, "--out", str(merged), "--resume", "--tag", "tuning=lora"]) == 0
    run = load_run(merged)
    assert run.header["tags"] == {"family": "mini", "tuning": "lora"}
    assert [item.task for item in items_of_run(run)] == ["refusal", "refusal"]
    assert items_of_run(run)[1].clip().duration_s > 0
    for tag in ("=x", "gap=3", "model=x"):
        assert main([*arguments, "--out", str(tmp_path / "4"), "--tag", tag]) == 2
    assert main([*arguments, "--out", str(tmp_path / "4"), "--seed", "-1"]) == 2
    assert main(["merge", str(tmp_path / "1"), "--out", str(folder / "plain.csv" / "x")]) == 2


def test_disagreement_counts_items_with_both_scores(whole: Path) -> None:
    (scored,) = scored_runs(load_run(whole))
    scores = scored.results.scores.copy()
    unscored = (scores.row == scores.row.iloc[0]) & scores.is_primary
    scores.loc[unscored, "value"] = np.nan
    table = scorer_table(ScoredRun.of("m", replace(scored.results, scores=scores)))
    before = scorer_table(scored).set_index(["task", "scorer", "condition"])
    for row in table.query("scorer == 'qa_token_f1'").itertuples():
        kept = scores[(scores.condition == row.condition) & (scores.row != scores.row.iloc[0])]
        values = kept.pivot(index="row", columns="scorer", values="value") >= 0.5
        assert row.disagreement == pytest.approx(100 * (values.qa_contains != values.qa_token_f1).mean())
        assert row.n == before.n[row.task, row.scorer, row.condition]
