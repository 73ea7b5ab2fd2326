"""Stage 2: a small Qwen2 learns to answer the typed questions. It is the backbone of the LSLM."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from modgap_core.mini.prompts import Prompted, question_prompt, with_answers
from modgap_core.mini.tokenizer import END, PAD
from modgap_core.mini.training import Schedule, train
from modgap_core.mini.world import Question, training_questions

BATCH = 64
SCHEDULE = Schedule(steps=1500, peak_learning_rate=2e-3, weight_decay=0.1)


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
    return out.loss


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


def train_text_model(
    work: Path, tokenizer: PreTrainedTokenizerFast, seed: int, device: torch.device
) -> Qwen2ForCausalLM:
    """Train (or resume) the backbone; returns it in evaluation mode."""
    torch.manual_seed(seed)
    model = Qwen2ForCausalLM(text_config(tokenizer)).to(device)
    batches = QuestionBatches(training_questions(), tokenizer, seed, BATCH, device)
    train("text", model, batches, lambda batch: text_loss(model, batch), SCHEDULE, work / "text.checkpoint.pt")
    return model.eval()
