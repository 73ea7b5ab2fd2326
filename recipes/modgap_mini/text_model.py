"""Stage 2: a small Qwen2 learns to answer typed questions, and to repeat them. It is the backbone of the LSLM.

Repeating is what the adapter is trained on first (as transcription). Half of what is to be repeated are random
words, so that the backbone learns to read each word by itself.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from recipes.modgap_mini.prompts import Prompted, question_prompt, with_answers
from recipes.modgap_mini.tokenizer import END, PAD, TRANSCRIBE
from recipes.modgap_mini.training import Schedule, train
from recipes.modgap_mini.world import Question, entities, training_questions

BATCH = 64
REPEAT_SHARE = 0.4
CHECKPOINT = "text.checkpoint.pt"
SCHEDULE = Schedule(steps=1500, peak_learning_rate=2e-3, weight_decay=0.1)
_MOST_WORDS = 10


def text_config(tokenizer: PreTrainedTokenizerFast) -> Qwen2Config:
    """A Qwen2 of 6 layers, 128 wide."""
    return Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.convert_tokens_to_ids(PAD),
        eos_token_id=tokenizer.convert_tokens_to_ids(END),
        bos_token_id=None,
    )


def text_loss(model: Qwen2ForCausalLM, batch: Prompted) -> torch.Tensor:
    """Cross entropy of the answer."""
    out = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=batch.labels)
    return out.loss  # type: ignore[no-any-return]


class QuestionBatches:
    """Random typed questions with their answers; the batch of a step is a function of the seed."""

    def __init__(
        self,
        questions: list[Question],
        tokenizer: PreTrainedTokenizerFast,
        seed: int,
        size: int,
        device: torch.device,
    ) -> None:
        self._questions = questions
        self._tokenizer, self._seed, self._size, self._device = tokenizer, seed, size, device

    def __call__(self, step: int) -> Prompted:
        """The batch of a step."""
        rng = np.random.default_rng([self._seed, step])
        picked = [self._questions[i] for i in rng.integers(len(self._questions), size=self._size)]
        prompts = [question_prompt(q.text) for q in picked]
        return with_answers(self._tokenizer, prompts, [q.answer for q in picked]).to(self._device)


class RepeatBatches:
    """Questions and random words of the world to repeat; the batch of a step is a function of the seed."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, seed: int, size: int, device: torch.device) -> None:
        self._questions = [q.text for q in training_questions()]
        self._words = sorted({w for text in self._questions for w in text.split()} | set(entities()))
        self._tokenizer, self._seed, self._size, self._device = tokenizer, seed, size, device

    def __call__(self, step: int) -> Prompted:
        """The batch of a step."""
        rng = np.random.default_rng([self._seed, step, 1])
        lines = [self._line(rng) for _ in range(self._size)]
        prompts = [question_prompt(line, TRANSCRIBE) for line in lines]
        return with_answers(self._tokenizer, prompts, lines).to(self._device)

    def _line(self, rng: np.random.Generator) -> str:
        if rng.random() < 0.5:
            return str(rng.choice(self._questions))
        return " ".join(rng.choice(self._words, size=rng.integers(1, _MOST_WORDS + 1)))


class TypedBatches:
    """Questions to answer and lines to repeat, in fixed shares of a batch."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, seed: int, size: int, device: torch.device) -> None:
        n_repeated = round(size * REPEAT_SHARE)
        self._questions = QuestionBatches(training_questions(), tokenizer, seed, size - n_repeated, device)
        self._repeats = RepeatBatches(tokenizer, seed, n_repeated, device)

    def loss(self, model: Qwen2ForCausalLM, step: int) -> torch.Tensor:
        """Cross entropy of the step's answers and repetitions, in their shares."""
        answers, repeats = (text_loss(model, batches(step)) for batches in (self._questions, self._repeats))
        return (1 - REPEAT_SHARE) * answers + REPEAT_SHARE * repeats


def train_text_model(
    work: Path, tokenizer: PreTrainedTokenizerFast, seed: int, device: torch.device
) -> Qwen2ForCausalLM:
    """Train (or resume) the backbone; returns it in evaluation mode."""
    torch.manual_seed(seed)
    model = Qwen2ForCausalLM(text_config(tokenizer)).to(device)
    batches = TypedBatches(tokenizer, seed, BATCH, device)
    train("text", model, lambda step: step, lambda step: batches.loss(model, step), SCHEDULE, work / CHECKPOINT)
    return model.eval()
