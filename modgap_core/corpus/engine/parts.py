"""What a worker holds while it runs batches: the models, the scorers, the null reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from modgap_core.corpus.manifest.item import CorpusItem
from modgap_core.corpus.settings import CorpusSettings
from modgap_core.errors import ModGapError
from modgap_core.interventions.other_question import OtherQuestion, n_tokens, shipped_questions
from modgap_core.models.load import load_model
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.models.speech_units import GivenUnits, UnitTokenizer
from modgap_core.models.transcriber import Transcriber, load_transcriber
from modgap_core.same_words import same_words, words_of
from modgap_core.states.null_bank import NullBank, Utterance, build_null_bank
from modgap_core.transcript import check_transcript

N_OTHER_QUESTIONS = 200
MINI = "mini"
"""On the command line: what ships with ModGap."""


@dataclass(frozen=True)
class EngineParts:
    """Everything loaded.

    Attributes:
        model: hears and reads.
        asr: of the pipeline, or None.
        backbone: reads only, or None.
        bank: the null reference, or None.
        others: questions that `other-transcript` may write in; empty where no intervention asks for it.
        given_units: where the manifest holds speech units, they are put in here batch by batch.
    """

    model: SpeechLM
    asr: Transcriber | None = None
    backbone: SpeechLM | None = None
    bank: NullBank | None = None
    given_units: GivenUnits | None = None
    others: tuple[OtherQuestion, ...] = ()


def load_parts(
    model: str | None,
    settings: CorpusSettings,
    items: Sequence[CorpusItem],
    device: str = "auto",
    device_map: str | None = None,
    trust_remote_code: bool = False,
    unit_tokenizer: UnitTokenizer | None = None,
) -> EngineParts:
    """Load what a run needs.

    Args:
        model: folder or hub id; None for modgap-mini.
        settings: of the run.
        items: the whole manifest; the null reference is drawn from it.
        device: see `load_model`.
        device_map: see `load_model`.
        trust_remote_code: see `load_model`.
        unit_tokenizer: see `load_model`.

    Raises:
        ModelError: a model cannot be loaded.
    """
    given = GivenUnits() if unit_tokenizer is None and any(item.units for item in items) else None
    loaded = load_model(
        model,
        device,
        settings.dtype,
        device_map=device_map,
        attn_implementation=settings.attn_implementation or None,
        quantization=settings.quantization or None,
        trust_remote_code=trust_remote_code,
        unit_tokenizer=unit_tokenizer or given,
    )
    parts = EngineParts(
        loaded,
        load_transcriber(_or_mini(settings.asr), device, settings.dtype) if settings.asr else None,
        _backbone(settings, device),
        given_units=given,
    )
    return replace(
        parts, bank=corpus_null_bank(parts, items, settings), others=other_questions(loaded, items, settings)
    )


def _or_mini(name: str) -> str | None:
    return None if name == MINI else name


def _backbone(settings: CorpusSettings, device: str) -> SpeechLM | None:
    if not settings.backbone:
        return None
    from modgap_core.models.backbone import load_backbone

    return load_backbone(_or_mini(settings.backbone), device, settings.dtype)


def corpus_null_bank(parts: EngineParts, items: Sequence[CorpusItem], settings: CorpusSettings) -> NullBank | None:
    """States of `n_null` + 1 utterances of the corpus itself, no two of which say the same.

    With one more than is needed, each item is left with `n_null` that say something else. Utterances that cannot be
    read or heard are passed over.
    """
    if settings.n_null == 0:
        return None
    utterances: list[Utterance] = []
    for row in np.random.default_rng(settings.seed).permutation(len(items)):
        if len(utterances) > settings.n_null:
            break
        found = _utterance(parts, items[row])
        if found and not any(same_words(found.transcript, other.transcript) for other in utterances):
            utterances.append(found)
    return build_null_bank(parts.model, utterances) if len(utterances) > 1 else None


def other_questions(
    model: SpeechLM, items: Sequence[CorpusItem], settings: CorpusSettings
) -> tuple[OtherQuestion, ...]:
    """Up to 200 questions of the corpus, no two of which say the same; of a corpus of one question those that ship."""
    if not any(condition.edit.other_transcript for condition in settings.conditions):
        return ()
    found: dict[tuple[str, ...], OtherQuestion] = {}
    for row in np.random.default_rng(settings.seed).permutation(len(items)):
        words = words_of(items[row].transcript)
        if words not in found and (question := _question(model, items[row])) is not None:
            found[words] = question
        if len(found) == N_OTHER_QUESTIONS:
            break
    return tuple(found.values()) if len(found) > 1 else tuple(shipped_questions(model))


def _question(model: SpeechLM, item: CorpusItem) -> OtherQuestion | None:
    try:
        transcript = check_transcript(item.transcript)
        return OtherQuestion(item.id, transcript, item.expected, n_tokens(model, transcript))
    except ModGapError:
        return None


def _utterance(parts: EngineParts, item: CorpusItem) -> Utterance | None:
    try:
        clip, transcript = item.clip(), check_transcript(item.transcript)
        if parts.given_units is not None:
            parts.given_units.units[clip.sha256] = item.units
        parts.model.encode_speech([clip.samples])
        parts.model.encode_text([transcript])
    except ModGapError:
        return None
    return Utterance(clip.samples, transcript)
