"""Stage 3: the adapter learns to transcribe for the frozen backbone; then, with LoRA on it, to answer.

The encoder stays frozen, so its frames are computed once for each clip (in two augmented versions). The loss is
that of the words to be written; nothing asks the speech states to look like text states. For a frozen backbone
the adapter has to write what reads like its words; LoRA trained along from the start learns to read vectors that
are nothing like them. Strong weight decay keeps the speech tokens from outgrowing the word embeddings.

While answering is learnt, a part of the batch goes on transcribing, and some typed prompts (weight 0.3) keep the
text side from forgetting. A part of the clips are lone entities, answered by repeating them: from questions alone
the model learns which names a wording was heard with, and never hears the held-out ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, get_peft_model
from transformers import PreTrainedTokenizerFast, Qwen2ForCausalLM
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.models.lslm import LSLMConfig, LSLMForConditionalGeneration, LSLMProcessor
from recipes.modgap_mini.asr import REACH, feature_extractor
from recipes.modgap_mini.augment import augment
from recipes.modgap_mini.clips import Clips
from recipes.modgap_mini.progress import Progress
from recipes.modgap_mini.prompts import Prompted, speech_prompt, with_answers
from recipes.modgap_mini.text_model import TypedBatches
from recipes.modgap_mini.tokenizer import ASSISTANT, AUDIO, TRANSCRIBE
from recipes.modgap_mini.training import Schedule, train

BATCH = 64
ADAPTER_SCHEDULE = Schedule(steps=1500, peak_learning_rate=1e-3, weight_decay=0.3)
SCHEDULE = Schedule(steps=2400, peak_learning_rate=1e-3, weight_decay=0.3)
TRANSCRIBING, ANSWERING = "adapter", "speech"
"""The two stages, by the names of their checkpoints."""
KEPT_STEPS = {
    TRANSCRIBING: (0, 50, 100, 200, 300, 500, 1000, 1500),
    ANSWERING: (25, 50, 100, 200, 400, 800, 1600, 2400),
}
"""Steps whose weights are kept for `write_checkpoints`."""
VERSIONS = 2
ENTITY_SHARE = 0.3
TRANSCRIBE_SHARE = 0.3
_ADAPTER_INIT = 0.05
_TYPED_BATCH = 16
_TYPED_WEIGHT = 0.3
_ENCODE_BATCH = 32
LORA = LoraConfig(
    r=8,
    lora_alpha=16,
    lora_dropout=0.05,
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj"],
    task_type="CAUSAL_LM",
)


def assemble(
    encoder: WhisperEncoder, backbone: Qwen2ForCausalLM, tokenizer: PreTrainedTokenizerFast
) -> LSLMForConditionalGeneration:
    """The LSLM from the trained encoder and backbone, with a fresh adapter."""
    config = LSLMConfig(
        audio_config=encoder.config,
        text_config=backbone.config,
        stack_size=5,
        encoder_reach=REACH,
        adapter_hidden_size=384,
        audio_token_id=tokenizer.convert_tokens_to_ids(AUDIO),
    )
    model = LSLMForConditionalGeneration(config)
    model.encoder.load_state_dict(encoder.state_dict())
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
class Spoken:
    """Encoded clips, what is said in each and the right answer to it; versions of a clip share both."""

    encoded: EncodedClips
    transcripts: list[str]
    answers: list[str]

    def draw(self, rng: np.random.Generator, transcribe: bool) -> tuple[torch.Tensor, str, str]:
        """A random clip's frames, its prompt and what is to be written."""
        i = int(rng.integers(len(self.encoded.starts) - 1))
        frames = self.encoded.clip(i).float()
        prompt = speech_prompt(len(frames) // 5, TRANSCRIBE if transcribe else ASSISTANT)
        return frames, prompt, (self.transcripts if transcribe else self.answers)[i % len(self.answers)]


@dataclass(frozen=True)
class SpokenBatches:
    """Random spoken questions and lone entities; the batch of a step is a function of the seed."""

    questions: Spoken
    lone_entities: Spoken
    tokenizer: PreTrainedTokenizerFast
    seed: int
    device: torch.device
    transcribe_share: float

    def __call__(self, step: int) -> tuple[torch.Tensor, Prompted]:
        """Frames (B, F, d_encoder) and prompts of a step."""
        rng = np.random.default_rng([self.seed, step])
        drawn = [
            (self.lone_entities if i < BATCH * ENTITY_SHARE else self.questions).draw(
                rng, bool(rng.random() < self.transcribe_share)
            )
            for i in range(BATCH)
        ]
        frames, prompts, targets = (list(column) for column in zip(*drawn, strict=True))
        spoken = with_answers(self.tokenizer, prompts, targets).to(self.device)
        return torch.nn.utils.rnn.pad_sequence(frames, batch_first=True).to(self.device), spoken


def _spoken_loss(model: LSLMForConditionalGeneration, frames: torch.Tensor, spoken: Prompted) -> torch.Tensor:
    embeds = model.embed(spoken.input_ids, model.adapter(frames))
    out = model.language_model(inputs_embeds=embeds, attention_mask=spoken.attention_mask, labels=spoken.labels)
    return cast(torch.Tensor, out.loss)


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
    tokenizer = processor.tokenizer
    model = model.to(device).eval()
    questions = encode_clips(model, processor, clips, seed, work / "encoded.npz")
    lone = encode_clips(model, processor, entity_clips, seed, work / "encoded-entities.npz")
    names = entity_clips.table.text.tolist()
    spoken = (
        Spoken(questions, clips.table.text.tolist(), clips.table.answer.tolist()),
        Spoken(lone, names, names),
    )
    _train_adapter(work, model, SpokenBatches(*spoken, tokenizer, seed, device, 1.0))
    torch.manual_seed(seed)
    model.language_model = get_peft_model(model.language_model, LORA)
    batches = SpokenBatches(*spoken, tokenizer, seed + 1, device, TRANSCRIBE_SHARE)
    typed = TypedBatches(tokenizer, seed, _TYPED_BATCH, device)

    def loss(step: int) -> torch.Tensor:
        return _spoken_loss(model, *batches(step)) + _TYPED_WEIGHT * typed.loss(model.language_model, step)

    checkpoint = work / f"{ANSWERING}.checkpoint.pt"
    train(ANSWERING, model, lambda step: step, loss, SCHEDULE, checkpoint, KEPT_STEPS[ANSWERING])
    return model.eval()  # type: ignore[no-any-return]


def _train_adapter(work: Path, model: LSLMForConditionalGeneration, batches: SpokenBatches) -> None:
    model.language_model.requires_grad_(False)
    with torch.no_grad():
        model.adapter.linear_2.weight.mul_(_ADAPTER_INIT)
    train(
        TRANSCRIBING,
        model,
        batches,
        lambda batch: _spoken_loss(model, *batch),
        ADAPTER_SCHEDULE,
        work / f"{TRANSCRIBING}.checkpoint.pt",
        KEPT_STEPS[TRANSCRIBING],
    )
