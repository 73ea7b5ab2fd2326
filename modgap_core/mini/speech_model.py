"""Stage 3: the adapter, and LoRA on the backbone, learn to answer the spoken questions.

The encoder stays frozen, so its frames are computed once for each clip (in two augmented versions).
As in the paper only the answer is trained on; nothing asks the speech states to look like text states.
A typed question goes with every spoken one (weight 0.3), so that the text side does not forget. A part of both
are lone entities, answered by repeating them: from questions alone the model learns which names a wording was
heard with, and never hears the held-out ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, get_peft_model
from transformers import PreTrainedTokenizerFast, Qwen2ForCausalLM, WhisperForConditionalGeneration

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.mini.asr import feature_extractor
from modgap_core.mini.augment import augment
from modgap_core.mini.clips import Clips
from modgap_core.mini.progress import Progress
from modgap_core.mini.prompts import Prompted, speech_prompt, with_answers
from modgap_core.mini.text_model import QuestionBatches, text_loss
from modgap_core.mini.tokenizer import AUDIO
from modgap_core.mini.training import Schedule, train
from modgap_core.mini.world import repetitions, training_questions
from modgap_core.models.lslm import LSLMConfig, LSLMForConditionalGeneration, LSLMProcessor

BATCH = 64
SCHEDULE = Schedule(steps=1800, peak_learning_rate=1e-3, weight_decay=0.1)
VERSIONS = 2
ENTITY_SHARE = 0.3
_TEXT_WEIGHT = 0.3
_ENCODE_BATCH = 32
LORA = LoraConfig(
    r=8,
    lora_alpha=16,
    lora_dropout=0.05,
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj"],
    task_type="CAUSAL_LM",
)


def assemble(
    asr: WhisperForConditionalGeneration, backbone: Qwen2ForCausalLM, tokenizer: PreTrainedTokenizerFast
) -> LSLMForConditionalGeneration:
    """The LSLM from the trained encoder and backbone, with a fresh adapter."""
    config = LSLMConfig(
        audio_config=asr.config,
        text_config=backbone.config,
        stack_size=5,
        adapter_hidden_size=384,
        audio_token_id=tokenizer.convert_tokens_to_ids(AUDIO),
    )
    model = LSLMForConditionalGeneration(config)
    model.encoder.load_state_dict(asr.model.encoder.state_dict())
    model.language_model.load_state_dict(backbone.state_dict())
    model.encoder.requires_grad_(False)
    model.language_model.set_attn_implementation("eager")  # under bf16 on a CPU three times faster to train than sdpa
    model.generation_config.eos_token_id = backbone.config.eos_token_id
    model.generation_config.pad_token_id = backbone.config.pad_token_id
    return model


@dataclass(frozen=True)
class EncodedClips:
    """Frames of the frozen encoder: all clips' valid frames in one array, and where each clip starts."""

    frames: NDArray[np.float16]
    starts: NDArray[np.int64]

    def clip(self, i: int) -> torch.Tensor:
        """Frames (n, d) of clip i; n is a multiple of k."""
        return torch.from_numpy(self.frames[self.starts[i] : self.starts[i + 1]])


@torch.inference_mode()
def encode_clips(
    model: LSLMForConditionalGeneration, processor: LSLMProcessor, clips: Clips, seed: int, cache: Path
) -> EncodedClips:
    """Encode every clip in each augmented version, once; version v of clip i is at v * len(clips) + i."""
    if not cache.exists():
        total = VERSIONS * len(clips)
        progress = Progress("encode", -(-total // _ENCODE_BATCH))
        parts = [
            progress.tick(part)
            for first in range(0, total, _ENCODE_BATCH)
            for part in [_encode_batch(model, processor, clips, seed, range(first, min(first + _ENCODE_BATCH, total)))]
        ]
        rows = [frames for part in parts for frames in part]
        starts = np.concatenate([[0], np.cumsum([len(r) for r in rows])])
        np.savez(cache, frames=np.concatenate(rows), starts=starts)
    loaded = np.load(cache)
    return EncodedClips(loaded["frames"], loaded["starts"])


def _encode_batch(
    model: LSLMForConditionalGeneration, processor: LSLMProcessor, clips: Clips, seed: int, numbers: range
) -> list[NDArray[np.float16]]:
    waves = []
    for number in numbers:
        rng = np.random.default_rng([seed, number])
        other = clips.samples(int(rng.integers(len(clips))))
        waves.append(augment(clips.samples(number % len(clips)), rng, other))
    features = feature_extractor()(waves, sampling_rate=SAMPLE_RATE_HZ, return_tensors="pt").input_features
    frames = model.encoder(features.to(model.device)).last_hidden_state.half().cpu().numpy()
    stack = model.config.stack_size
    return [f[: processor.n_speech_tokens(w.size) * stack] for f, w in zip(frames, waves, strict=True)]


@dataclass(frozen=True)
class SpokenBatch:
    """Spoken questions and lone entities (frames, prompts with answers), and as many of both typed."""

    frames: torch.Tensor
    spoken: Prompted
    typed: tuple[Prompted, ...]


@dataclass(frozen=True)
class Spoken:
    """Encoded clips and the right answer to each; versions of a clip share it."""

    encoded: EncodedClips
    answers: list[str]

    def draw(self, rng: np.random.Generator) -> tuple[torch.Tensor, str]:
        """A random clip's frames and its answer."""
        i = int(rng.integers(len(self.encoded.starts) - 1))
        return self.encoded.clip(i).float(), self.answers[i % len(self.answers)]


class SpokenBatches:
    """Random spoken and typed training questions; the batch of a step is a function of the seed."""

    def __init__(
        self,
        questions: Spoken,
        lone_entities: Spoken,
        tokenizer: PreTrainedTokenizerFast,
        seed: int,
        device: torch.device,
    ) -> None:
        self._questions, self._entities = questions, lone_entities
        self._tokenizer, self._seed, self._device = tokenizer, seed, device
        n_entities = round(BATCH * ENTITY_SHARE)
        self._n_entities = n_entities
        typed = (training_questions(), BATCH - n_entities), (repetitions(), n_entities)
        self._typed = [QuestionBatches(pool, tokenizer, seed, size, device) for pool, size in typed]

    def __call__(self, step: int) -> SpokenBatch:
        """The batch of a step."""
        rng = np.random.default_rng([self._seed, step])
        drawn = [self._entities.draw(rng) for _ in range(self._n_entities)]
        drawn += [self._questions.draw(rng) for _ in range(BATCH - self._n_entities)]
        rows = [frames for frames, _ in drawn]
        prompts = [speech_prompt(len(r) // 5) for r in rows]
        spoken = with_answers(self._tokenizer, prompts, [answer for _, answer in drawn]).to(self._device)
        frames = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True).to(self._device)
        return SpokenBatch(frames, spoken, tuple(batches(step) for batches in self._typed))


def _loss(model: LSLMForConditionalGeneration, batch: SpokenBatch) -> torch.Tensor:
    spoken = batch.spoken
    embeds = model.embed(spoken.input_ids, model.adapter(batch.frames))
    out = model.language_model(inputs_embeds=embeds, attention_mask=spoken.attention_mask, labels=spoken.labels)
    typed = [text_loss(model.language_model, part) for part in batch.typed]
    return out.loss + _TEXT_WEIGHT * torch.stack(typed).mean()


def train_speech_model(
    work: Path,
    model: LSLMForConditionalGeneration,
    processor: LSLMProcessor,
    clips: Clips,
    entity_clips: Clips,
    seed: int,
    device: torch.device,
) -> LSLMForConditionalGeneration:
    """Train (or resume) adapter and LoRA; the returned model's backbone is wrapped by peft."""
    model = model.to(device).eval()
    questions = Spoken(encode_clips(model, processor, clips, seed, work / "encoded.npz"), clips.table.answer.tolist())
    lone = encode_clips(model, processor, entity_clips, seed, work / "encoded-entities.npz")
    torch.manual_seed(seed)
    model.language_model = get_peft_model(model.language_model, LORA)
    entities = Spoken(lone, entity_clips.table.text.tolist())
    batches = SpokenBatches(questions, entities, processor.tokenizer, seed, device)
    train("speech", model, batches, lambda batch: _loss(model, batch), SCHEDULE, work / "speech.checkpoint.pt")
    return model.eval()
