"""The one function that every engine calls: a batch of items to their results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from modgap_core.analysis.batch import BatchMeasures, finished, keep_rows, measure_rows, spans_of
from modgap_core.audio.clip import Clip
from modgap_core.corpus.engine_parts import EngineParts
from modgap_core.corpus.item import CorpusItem
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.errors import ModGapError
from modgap_core.interventions.method import Method
from modgap_core.interventions.other_question import OtherQuestion
from modgap_core.interventions.outcome import SPEECH, TEXT
from modgap_core.interventions.prepared_pair import prepare_pair
from modgap_core.interventions.run import batched_answers, with_other
from modgap_core.metrics import Metric
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.results.layer_quantities import LayerQuantities
from modgap_core.same_words import same_words
from modgap_core.transcript import check_transcript

PIPELINE, PIPELINE_BACKBONE, TEXT_BACKBONE = "pipeline", "pipeline_backbone", "text_backbone"
"""ASR + the same LLM, ASR + the untuned backbone, transcript + the untuned backbone."""


@dataclass(frozen=True)
class ItemResult:
    """What came out of one item.

    Attributes:
        item: of the manifest.
        error: why it failed; empty if it did not. Then everything below is empty.
        clip_sha256: of the samples.
        duration_s: of the clip.
        n_speech_tokens: Ts.
        heard: what the ASR wrote; empty without one.
        answers: by condition.
        measures: by similarity function.
        consistency: (N,) path consistency.
        injected: the question that `other-transcript` wrote in; None where it was not asked for.
    """

    item: CorpusItem
    error: str = ""
    clip_sha256: str = ""
    duration_s: float = float("nan")
    n_speech_tokens: int = 0
    heard: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    measures: dict[Metric, LayerQuantities] = field(default_factory=dict)
    consistency: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    injected: OtherQuestion | None = None

    def values(self, metric: Metric | str) -> LayerQuantities:
        """The quantities of one similarity function, of an item that did not fail.

        Raises:
            ModGapError: there is no such function.
        """
        return self.measures[Metric(metric)]


@dataclass(frozen=True)
class ReadItem:
    """An item with its sound and its checked transcript."""

    item: CorpusItem
    clip: Clip
    transcript: str


def read_items(items: Sequence[CorpusItem]) -> list[ReadItem | ItemResult]:
    """Read the sounds; what cannot be read is a failed result. Runs ahead of the model, in another thread."""
    return [_tried(item, _read) for item in items]


def _read(item: CorpusItem) -> ReadItem:
    return ReadItem(item, item.clip(), check_transcript(item.transcript))


def _tried(item: CorpusItem, work: Callable[[CorpusItem], ReadItem]) -> ReadItem | ItemResult:
    try:
        return work(item)
    except ModGapError as error:
        return ItemResult(item, error=str(error))


def measure_batch(
    parts: EngineParts, settings: CorpusSettings, items: Sequence[ReadItem | ItemResult]
) -> list[ItemResult]:
    """All conditions of all items of a batch.

    A batch that the model refuses, or that is too large for the GPU, is tried again in halves, down to single items;
    an item that fails alone carries the reason, and the others go on.

    Args:
        parts: the loaded models.
        settings: of the run.
        items: from `read_items`.

    Returns:
        One result an item, in the same order.
    """
    readable = [item for item in items if isinstance(item, ReadItem)]
    measured = {result.item.row: result for result in _halving(parts, settings, readable)}
    return [measured[item.item.row] if isinstance(item, ReadItem) else item for item in items]


def _halving(parts: EngineParts, settings: CorpusSettings, items: list[ReadItem]) -> list[ItemResult]:
    if not items:
        return []
    try:
        return _measured(parts, settings, items)
    except (ModGapError, torch.OutOfMemoryError) as error:
        if len(items) == 1:
            return [ItemResult(items[0].item, error=str(error).strip().splitlines()[0])]
    half = len(items) // 2
    return _halving(parts, settings, items[:half]) + _halving(parts, settings, items[half:])


def _measured(parts: EngineParts, settings: CorpusSettings, items: list[ReadItem]) -> list[ItemResult]:
    model, most = parts.model, settings.max_new_tokens
    if parts.given_units is not None:
        parts.given_units.units.update((one.clip.sha256, one.item.units) for one in items)
    text = model.encode_text([one.transcript for one in items])
    speech = model.encode_speech([one.clip.samples for one in items])
    text_answers, text_rows = model.generate_with_states(text, keep_rows(spans_of(text)), max_new_tokens=most)
    spans = spans_of(speech)
    speech_answers, layers = model.generate_with_states(
        speech, measure_rows(text_rows, spans, parts.bank), max_new_tokens=most
    )
    measures, consistency = finished(layers)
    answers = {TEXT: text_answers, SPEECH: speech_answers}
    heard = _pipeline(parts, settings, items, answers)
    changed = [_intervened(parts, settings, one) for one in items]
    return [
        ItemResult(
            item=one.item,
            clip_sha256=one.clip.sha256,
            duration_s=one.clip.duration_s,
            n_speech_tokens=spans[row].stop - spans[row].start,
            heard=heard[row],
            answers={**{name: said[row] for name, said in answers.items()}, **changed[row][0]},
            measures={m: _of_row(measures[m], row, len(text.tokens[row]), _others(parts, one)) for m in Metric},
            consistency=consistency[row].float().numpy(),
            injected=changed[row][1],
        )
        for row, one in enumerate(items)
    ]


def _others(parts: EngineParts, one: ReadItem) -> list[int]:
    """Which utterances of the null reference say something else: all but one of them at most."""
    if parts.bank is None:
        return []
    transcripts = parts.bank.transcripts
    kept = [i for i, other in enumerate(transcripts) if not same_words(other, one.transcript)][: len(transcripts) - 1]
    return kept + [len(transcripts) + i for i in kept]


def _of_row(measures: BatchMeasures, row: int, n_text: int, others: list[int]) -> LayerQuantities:
    return LayerQuantities(
        curve=measures.curve[row].float().numpy(),
        path=measures.path[row, :, :n_text].int().numpy(),
        monotonicity=measures.monotonicity[row].numpy(),
        aps_terms=measures.aps_terms[row].float().numpy(),
        null_curve=measures.null_curve[row][:, others].T.float().numpy(),
        null_aps_terms=measures.null_aps_terms[row][:, others].T.float().numpy(),
    )


def _pipeline(
    parts: EngineParts, settings: CorpusSettings, items: list[ReadItem], answers: dict[str, list[str]]
) -> list[str]:
    """Answers of the pipelines and of the backbone, added to `answers`; what the ASR heard."""
    most, heard = settings.max_new_tokens, [""] * len(items)
    if parts.backbone is not None:
        answers[TEXT_BACKBONE] = answer_texts(parts.backbone, [one.transcript for one in items], most)
    if parts.asr is not None:
        heard = parts.asr.transcribe([one.clip.samples for one in items])
        answers[PIPELINE] = answer_texts(parts.model, heard, most)
        if parts.backbone is not None:
            answers[PIPELINE_BACKBONE] = answer_texts(parts.backbone, heard, most)
    return heard


def answer_texts(model: SpeechLM, texts: Sequence[str], max_new_tokens: int) -> list[str]:
    """Answers to typed texts; the empty answer to what the model cannot read (an ASR may hear nothing)."""
    readable = [_readable(model, text) for text in texts]
    known = [text for text in readable if text]
    said = iter(model.generate(model.encode_text(known), max_new_tokens=max_new_tokens) if known else [])
    return [next(said) if text else "" for text in readable]


def _readable(model: SpeechLM, text: str) -> str:
    try:
        text = check_transcript(text)
        model.encode_text([text])
    except ModGapError:
        return ""
    return text


def _intervened(
    parts: EngineParts, settings: CorpusSettings, one: ReadItem
) -> tuple[dict[str, str], OtherQuestion | None]:
    """Answers under each intervention, one batch; and the other question that was written in.

    Where no other question asks for something else, the conditions that need one have no answer.
    """
    conditions = settings.conditions
    if not conditions:
        return {}, None
    pair = prepare_pair(parts.model, one.clip, one.transcript)
    if parts.others:
        pair = with_other(parts.model, pair, parts.others, one.item.expected)
    able = [c for c in conditions if c.method != Method.OTHER_TRANSCRIPT or pair.other is not None]
    said = batched_answers(parts.model, pair, [pair.plan(c) for c in able], settings.max_new_tokens)
    answers = {c.label: answer for c, answer in zip(able, said[2:], strict=True)}
    return answers, pair.other.question if pair.other is not None else None
