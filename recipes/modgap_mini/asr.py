"""Stage 1: a small Whisper learns to transcribe; then a copy of its encoder learns to hear locally, for the LSLM.

A decoder can look anything up anywhere, so the first encoder keeps what a whole question says in a few fixed
frames: a speech model that answers from those has tokens that stand for no sound at their time. The copy attends
to a few frames on each side only and is trained by CTC alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import GenerationConfig, PreTrainedTokenizerFast, WhisperConfig, WhisperFeatureExtractor
from transformers import WhisperForConditionalGeneration as Whisper
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.models.lslm.local_attention import limit_attention
from recipes.modgap_mini.augment import augment
from recipes.modgap_mini.clips import WINDOW_S, Clips
from recipes.modgap_mini.tokenizer import END, PAD, TRANSCRIBE
from recipes.modgap_mini.training import Schedule, train

BATCH = 32
QUESTIONS_SCHEDULE = Schedule(steps=3600, peak_learning_rate=1.5e-3)
ENTITIES_SCHEDULE = Schedule(steps=2600, peak_learning_rate=1.2e-3, warmup=0.05)
LOCAL_SCHEDULE = Schedule(steps=1100, peak_learning_rate=1e-3, warmup=0.05)
REACH = 8
"""Frames of 20 ms on each side that a frame of the local encoder attends to in each of its blocks."""
_LETTERS = " abcdefghijklmnopqrstuvwxyz"
_CTC_BLANK = len(_LETTERS)
_PACKED_SHARE = 0.8
_IGNORE = -100


def feature_extractor() -> WhisperFeatureExtractor:
    """Whisper's log-mel features, 80 bins, 10 ms hop, padded to a window of 5 s."""
    return WhisperFeatureExtractor(feature_size=80, chunk_length=int(WINDOW_S))


def asr_config(tokenizer: PreTrainedTokenizerFast) -> WhisperConfig:
    """A Whisper of 160 x 4 encoder layers (50 frames a second, 250 in the window) and 2 decoder layers."""
    start, end, pad = (tokenizer.convert_tokens_to_ids(t) for t in (TRANSCRIBE, END, PAD))
    return WhisperConfig(
        vocab_size=len(tokenizer),
        num_mel_bins=80,
        d_model=160,
        encoder_layers=4,
        encoder_attention_heads=4,
        encoder_ffn_dim=640,
        decoder_layers=2,
        decoder_attention_heads=4,
        decoder_ffn_dim=640,
        max_source_positions=int(WINDOW_S * 50),
        max_target_positions=64,
        dropout=0.0,
        apply_spec_augment=True,
        mask_time_prob=0.05,
        mask_time_length=10,
        mask_feature_prob=0.05,
        mask_feature_length=8,
        decoder_start_token_id=start,
        bos_token_id=start,
        eos_token_id=end,
        pad_token_id=pad,
    )


def new_asr(tokenizer: PreTrainedTokenizerFast) -> Whisper:
    """A Whisper with random weights and a generation config for one task and one language."""
    config = asr_config(tokenizer)
    asr = Whisper(config)
    asr.set_attn_implementation("eager")  # at this size faster to train on a CPU than sdpa
    asr.generation_config = GenerationConfig(
        decoder_start_token_id=config.decoder_start_token_id,
        eos_token_id=config.eos_token_id,
        pad_token_id=config.pad_token_id,
        max_length=config.max_target_positions,
        is_multilingual=False,
    )
    return asr


@dataclass(frozen=True)
class AsrBatch:
    """Features (B, 80, 500) and what is said in them."""

    features: torch.Tensor
    texts: list[str]


@dataclass
class AsrBatches:
    """Batches of step i: clips share a window while they fit, so that little of it is silence."""

    sources: Sequence[Clips]
    seed: int

    def __post_init__(self) -> None:
        self._extract = feature_extractor()

    def __call__(self, step: int) -> AsrBatch:
        """The batch of a step."""
        rng = np.random.default_rng([self.seed, step])
        windows, texts = zip(*(self._window(rng) for _ in range(BATCH)), strict=True)
        features = self._extract(list(windows), sampling_rate=SAMPLE_RATE_HZ, return_tensors="pt")
        return AsrBatch(features.input_features, list(texts))

    def _window(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], str]:
        room = int(WINDOW_S * SAMPLE_RATE_HZ)
        samples, text = self._clip(rng)
        while rng.random() < _PACKED_SHARE:
            more, more_text = self._clip(rng)
            if samples.size + more.size > room:
                break
            samples, text = np.concatenate([samples, more]), f"{text} {more_text}"
        return samples[:room], text

    def _clip(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], str]:
        clips = self.sources[int(rng.integers(len(self.sources)))] if len(self.sources) > 1 else self.sources[0]
        i, other = rng.integers(len(clips), size=2)
        return augment(clips.samples(i), rng, clips.samples(other)), str(clips.table.text.iat[i])


class AsrTrainer(nn.Module):
    """The Whisper with a letter CTC head on its encoder; the head makes the encoder converge fast."""

    def __init__(self, asr: Whisper, tokenizer: PreTrainedTokenizerFast) -> None:
        super().__init__()
        self.asr = asr
        self.ctc_head = nn.Linear(asr.config.d_model, len(_LETTERS) + 1)
        self._tokenizer = tokenizer

    def joint_loss(self, ctc_weight: float, batch: AsrBatch) -> torch.Tensor:
        """Cross entropy of the decoder plus CTC of the encoder."""
        out = self.asr(input_features=batch.features.to(self.device), labels=self._labels(batch.texts))
        return out.loss + ctc_weight * self._ctc(out.encoder_last_hidden_state, batch.texts)  # type: ignore[no-any-return]

    def ctc_loss(self, batch: AsrBatch) -> torch.Tensor:
        """CTC of the encoder alone."""
        features = self.asr.model._mask_input_features(batch.features.to(self.device))
        return self._ctc(self.asr.model.encoder(features).last_hidden_state, batch.texts)

    def _ctc(self, frames: torch.Tensor, texts: list[str]) -> torch.Tensor:
        log_probs = self.ctc_head(frames).float().log_softmax(-1)
        letters = [torch.tensor([_LETTERS.index(c) for c in text]) for text in texts]
        return nn.functional.ctc_loss(
            log_probs.transpose(0, 1),
            torch.cat(letters).to(self.device),
            torch.full((len(texts),), log_probs.shape[1]),
            torch.tensor([len(t) for t in letters]),
            blank=_CTC_BLANK,
            zero_infinity=True,
        )

    @property
    def device(self) -> torch.device:
        """Where the head is."""
        return self.ctc_head.weight.device

    def _labels(self, texts: list[str]) -> torch.Tensor:
        ids = self._tokenizer([t + END for t in texts], padding=True, padding_side="right", return_tensors="pt")
        return ids.input_ids.masked_fill(ids.attention_mask == 0, _IGNORE).to(self.device)  # type: ignore[no-any-return]


def train_asr(
    work: Path, questions: Clips, entities: Clips, tokenizer: PreTrainedTokenizerFast, seed: int, device: torch.device
) -> AsrTrainer:
    """Train (or resume) the ASR; returns it in evaluation mode, with the CTC head.

    First on the questions alone, then on questions and lone entities: from questions alone the decoder
    learns which entities a wording was seen with, and never hears the held-out ones.
    """
    torch.manual_seed(seed)
    trainer = AsrTrainer(new_asr(tokenizer), tokenizer).to(device)
    stages: tuple[tuple[str, list[Clips], Callable[[AsrBatch], torch.Tensor], Schedule], ...] = (
        ("asr", [questions], partial(trainer.joint_loss, 0.5), QUESTIONS_SCHEDULE),
        ("asr-entities", [questions, entities], partial(trainer.joint_loss, 1.0), ENTITIES_SCHEDULE),
    )
    for name, sources, loss, schedule in stages:
        train(name, trainer, AsrBatches(sources, seed), loss, schedule, work / f"{name}.checkpoint.pt")
    return trainer.eval()


def train_local_encoder(work: Path, asr: AsrTrainer, questions: Clips, entities: Clips, seed: int) -> WhisperEncoder:
    """Train (or resume) a copy of the ASR's encoder that attends locally; returns it in evaluation mode."""
    trainer = copy.deepcopy(asr)
    encoder = trainer.asr.model.encoder
    limit_attention(encoder, REACH)
    trainer.asr.requires_grad_(False)
    encoder.requires_grad_(True)
    encoder.embed_positions.requires_grad_(False)
    batches = AsrBatches([questions, entities], seed)
    train("encoder", trainer, batches, trainer.ctc_loss, LOCAL_SCHEDULE, work / "encoder.checkpoint.pt")
    return cast(WhisperEncoder, encoder.eval())


@torch.inference_mode()
def transcribe(asr: Whisper, tokenizer: PreTrainedTokenizerFast, waves: list[NDArray[np.float32]]) -> list[str]:
    """What the ASR hears in each clip, greedily."""
    features = feature_extractor()(waves, sampling_rate=SAMPLE_RATE_HZ, return_tensors="pt").input_features
    ids = asr.generate(input_features=features.to(asr.device), do_sample=False)
    return [t.strip() for t in tokenizer.batch_decode(ids, skip_special_tokens=True)]
