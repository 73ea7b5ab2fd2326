"""A small Whisper learns to transcribe. Its encoder serves the LSLM, the whole is the ASR.

The encoder learns by a letter CTC loss alone, the decoder afterwards on the frozen encoder. Trained together,
the encoder kept the whole question in its first frames, where the decoder looked it up: the speech model then
answered from there, and no alignment of its tokens with the transcript appeared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import GenerationConfig, PreTrainedTokenizerFast, WhisperConfig, WhisperFeatureExtractor
from transformers import WhisperForConditionalGeneration as Whisper

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.mini.augment import augment
from modgap_core.mini.clips import WINDOW_S, Clips
from modgap_core.mini.tokenizer import END, PAD, TRANSCRIBE
from modgap_core.mini.training import Schedule, train

BATCH = 32
ENCODER_SCHEDULE = Schedule(steps=2400, peak_learning_rate=1.5e-3)
DECODER_SCHEDULE = Schedule(steps=900, peak_learning_rate=1.5e-3)
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
        clips = self.sources[int(rng.integers(len(self.sources)))]
        i, other = rng.integers(len(clips), size=2)
        return augment(clips.samples(i), rng, clips.samples(other)), str(clips.table.text.iat[i])


class EncoderTrainer(nn.Module):
    """The encoder with a letter CTC head."""

    def __init__(self, asr: Whisper) -> None:
        super().__init__()
        self.model = asr.model
        self.ctc_head = nn.Linear(asr.config.d_model, len(_LETTERS) + 1)

    def loss(self, batch: AsrBatch) -> torch.Tensor:
        """CTC of the letters, with SpecAugment on the features."""
        device = self.ctc_head.weight.device
        features = self.model._mask_input_features(batch.features.to(device))
        log_probs = self.ctc_head(self.model.encoder(features).last_hidden_state).float().log_softmax(-1)
        letters = [torch.tensor([_LETTERS.index(c) for c in text]) for text in batch.texts]
        return nn.functional.ctc_loss(
            log_probs.transpose(0, 1),
            torch.cat(letters).to(device),
            torch.full((len(letters),), log_probs.shape[1]),
            torch.tensor([len(t) for t in letters]),
            blank=_CTC_BLANK,
            zero_infinity=True,
        )


def train_encoder(
    work: Path, sources: Sequence[Clips], tokenizer: PreTrainedTokenizerFast, seed: int, device: torch.device
) -> Whisper:
    """Train (or resume) the encoder; returns the Whisper with an untrained decoder.

    From questions alone it would learn which names a wording was heard with, and never hear the held-out ones;
    so lone entities are among the sources.
    """
    torch.manual_seed(seed)
    asr = new_asr(tokenizer)
    trainer = EncoderTrainer(asr).to(device)
    batches = AsrBatches(sources, seed)
    train("asr-encoder", trainer, batches, trainer.loss, ENCODER_SCHEDULE, work / "asr-encoder.checkpoint.pt")
    return asr.eval()


def train_decoder(
    work: Path,
    asr: Whisper,
    sources: Sequence[Clips],
    tokenizer: PreTrainedTokenizerFast,
    seed: int,
    device: torch.device,
) -> Whisper:
    """Train (or resume) the decoder on the frozen encoder."""
    asr = asr.to(device)
    asr.requires_grad_(True)
    asr.model.encoder.requires_grad_(False)
    batches = AsrBatches(sources, seed)

    def loss(batch: AsrBatch) -> torch.Tensor:
        ids = tokenizer([t + END for t in batch.texts], padding=True, padding_side="right", return_tensors="pt")
        labels = ids.input_ids.masked_fill(ids.attention_mask == 0, _IGNORE)
        return asr(input_features=batch.features.to(device), labels=labels.to(device)).loss

    train("asr-decoder", asr, batches, loss, DECODER_SCHEDULE, work / "asr-decoder.checkpoint.pt")
    return asr.eval()


@torch.inference_mode()
def transcribe(asr: Whisper, tokenizer: PreTrainedTokenizerFast, waves: list[NDArray[np.float32]]) -> list[str]:
    """What the ASR hears in each clip, greedily."""
    features = feature_extractor()(waves, sampling_rate=SAMPLE_RATE_HZ, return_tensors="pt").input_features
    ids = asr.generate(input_features=features.to(asr.device), do_sample=False)
    return [t.strip() for t in tokenizer.batch_decode(ids, skip_special_tokens=True)]
