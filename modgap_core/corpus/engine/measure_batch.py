"""The one function that every engine calls: a batch of items to their results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from modgap_core.analysis.finish import finished_rows
from modgap_core.analysis.layer_measures import keep_rows, measure_against
from modgap_core.analysis.pair import speech_spans_s
from modgap_core.analysis.pair_quantities import first_logprobs, with_pair_quantities
from modgap_core.audio.clip import Clip
from modgap_core.corpus.conditions import PIPELINE, PIPELINE_BACKBONE, SPEECH, TEXT, TEXT_BACKBONE
from modgap_core.corpus.engine.parts import EngineParts
from modgap_core.corpus.manifest.item import CorpusItem
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.corpus.store.item_result import ItemResult
from modgap_core.errors import ModGapError
from modgap_core.interventions.other_question import OtherQuestion
from modgap_core.interventions.prepared_pair import prepare_pair
from modgap_core.interventions.run import batched_answers, with_other
from modgap_core.metrics import Level, Need
from modgap_core.models.encoded import Encoded
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.results.measured import Measured
from modgap_core.results.pair_view import PairView
from modgap_core.same_words import same_words
from modgap_core.transcript import check_transcript


@dataclass(frozen=True)
class ReadItem:
    """An item with its sound and its checked transcript."""

    item: CorpusItem
    clip: Clip
    transcript: str


class Spoken(NamedTuple):
    """Both prompts of a batch, and what the model answered to them."""

    speech: Encoded
    text: Encoded
    speech_answers: list[str]
    text_answers: list[str]


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
    text_answers, text_rows = model.generate_with_states(text, keep_rows(text.span_slices()), max_new_tokens=most)
    spans = speech.span_slices()
    reduce = measure_against(text_rows, spans, settings.measures, parts.bank, keep_matrices=False)
    speech_answers, layers = model.generate_with_states(speech, reduce, max_new_tokens=most)
    n_text = [len(tokens) for tokens in text.tokens]
    measured = finished_rows(layers, settings.measures, n_text, [_others(parts, one) for one in items])
    answers = {TEXT: text_answers, SPEECH: speech_answers}
    heard = _pipeline(parts, settings, items, answers)
    changed = [_intervened(parts, settings, one) for one in items]
    spoken = Spoken(speech, text, speech_answers, text_answers)
    pairs = _with_pair_quantities(parts, settings, items, spoken, measured)
    return [
        ItemResult(
            item=one.item,
            clip_sha256=one.clip.sha256,
            duration_s=one.clip.duration_s,
            n_speech_tokens=spans[row].stop - spans[row].start,
            n_text_tokens=n_text[row],
            heard=heard[row],
            answers={**{name: said[row] for name, said in answers.items()}, **changed[row][0]},
            measured=pairs[row],
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


def _with_pair_quantities(
    parts: EngineParts, settings: CorpusSettings, items: list[ReadItem], spoken: Spoken, measured: list[Measured]
) -> list[Measured]:
    """What was measured of each item, and the chosen quantities of pairs."""
    if not settings.measures.keys_of(Level.PAIR):
        return measured
    prompts = (spoken.speech, spoken.text)
    needed = settings.measures.needs(Need.LOGITS)
    logprobs = [first_logprobs(parts.model, each) for each in prompts] if needed else []
    spans = spoken.speech.span_slices()
    views = [
        PairView(
            measured[row],
            one.transcript,
            spoken.speech_answers[row],
            spoken.text_answers[row],
            one.item.expected,
            spoken.text.tokens[row],
            speech_spans_s(spans[row].stop - spans[row].start, spoken.speech.ms_per_token, one.clip.duration_s),
            (),
            *(each[row] for each in logprobs),
        )
        for row, one in enumerate(items)
    ]
    return [with_pair_quantities(view, settings.measures) for view in views]


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
    able = [c for c in conditions if not c.edit.other_transcript or pair.other is not None]
    said = batched_answers(parts.model, pair, [pair.plan(c) for c in able], settings.max_new_tokens)
    answers = {c.label: answer for c, answer in zip(able, said[2:], strict=True)}
    return answers, pair.other.question if pair.other is not None else None
