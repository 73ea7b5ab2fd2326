"""The stages of modgap-mini in order: clips, ASR, backbone, speech model; then figures, examples, card."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from modgap_core.corpus.manifest.read import Manifest, read_manifest
from modgap_core.corpus.read.tables import TRAINING
from modgap_core.corpus.run import run_corpus
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.interventions.paper_table import table_conditions
from modgap_core.models.load import load_model
from modgap_core.models.load_options import choose_device
from modgap_core.models.lslm import LSLMProcessor
from recipes.modgap_mini.asr import feature_extractor, train_asr, train_local_encoder
from recipes.modgap_mini.card import write_card
from recipes.modgap_mini.checkpoints import write_checkpoints
from recipes.modgap_mini.clips import Clips, make_clips
from recipes.modgap_mini.corpus import CORPUS_NAME, write_corpus
from recipes.modgap_mini.evaluate import evaluate
from recipes.modgap_mini.examples import choose_examples, write_examples, write_null_reference
from recipes.modgap_mini.export import ASR_NAME, MINI_NAME, export_asr, export_speech_model
from recipes.modgap_mini.intervention_study import GROUP, study_interventions
from recipes.modgap_mini.speech_model import ANSWERING, TRANSCRIBING, assemble, train_speech_model
from recipes.modgap_mini.text_model import train_text_model
from recipes.modgap_mini.tokenizer import train_tokenizer
from recipes.modgap_mini.voices import GROUPS

NULL_SEED = 5
_TRAINING = {TRAINING: MINI_NAME}
"""The tag of all runs here: they are of one training, so that a regression over them has one cluster."""
CHECKPOINT_RUNS = {TRANSCRIBING: "transcribing", ANSWERING: "answering"}


def train_all(work: Path, assets: Path, seed: int) -> None:
    """Make the clips, train the three stages, write the model folders and the null reference."""
    device = choose_device("auto")
    clips = {split: make_clips(work / "clips", split, seed) for split in (*GROUPS, "train", "entities")}
    tokenizer = train_tokenizer()
    asr = train_asr(work, clips["train"], clips["entities"], tokenizer, seed, device)
    encoder = train_local_encoder(work, asr, clips["train"], clips["entities"], seed)
    backbone = train_text_model(work, tokenizer, seed, device)
    processor = LSLMProcessor(feature_extractor(), tokenizer)
    model = assemble(encoder, backbone, tokenizer)
    model = train_speech_model(work, model, processor, clips["train"], clips["entities"], seed, device)
    export_speech_model(model.cpu(), processor, assets / "models" / MINI_NAME)
    write_null_reference(clips["known"], NULL_SEED, assets / "null_reference")
    export_asr(asr.asr.cpu(), tokenizer, assets / "models" / ASR_NAME)


def checkpoints_and_run(work: Path, assets: Path) -> None:
    """Run the corpus that ships over steps of the last two stages: does APS predict the gap while it closes?"""
    manifest = read_manifest(assets / CORPUS_NAME / "manifest.csv")
    for stage, name in CHECKPOINT_RUNS.items():
        folders = write_checkpoints(work, stage, name, assets / "models" / MINI_NAME)
        out = assets / "runs" / f"{MINI_NAME}-{name}"
        _run(
            manifest,
            [str(folder) for folder in folders],
            out,
            CorpusSettings(max_new_tokens=24),
            {"stage": name, **_TRAINING},
        )


def corpus_and_run(work: Path, assets: Path, seed: int) -> None:
    """Write the corpus that ships, and a finished run of it."""
    clips = {group: make_clips(work / "clips", group, seed) for group in ("known", "unknown")}
    manifest = read_manifest(write_corpus(clips, assets / CORPUS_NAME))
    settings = CorpusSettings(asr="mini", backbone="mini", conditions=table_conditions(), max_new_tokens=24)
    _run(manifest, [None], assets / "runs" / MINI_NAME, settings, _TRAINING)


def _run(
    manifest: Manifest,
    models: Sequence[str | None],
    out: Path,
    settings: CorpusSettings,
    tags: Mapping[str, str] | None = None,
) -> None:
    shutil.rmtree(out, ignore_errors=True)
    run_corpus(manifest, models, out, settings, tags=tags, tell=lambda p: print(p.sentence, flush=True))


def evaluate_and_choose(work: Path, assets: Path) -> None:
    """Measure the shipped model, choose the examples, write the card from the figures."""
    folder = assets / "models" / MINI_NAME
    model = load_model(folder)
    tables = evaluate(model, work / "clips", folder)
    clips = {group: Clips(work / "clips", group) for group in GROUPS}
    write_examples(choose_examples(clips, tables), assets / "examples")
    study_interventions(model, clips[GROUP], folder)
    write_card(folder)
