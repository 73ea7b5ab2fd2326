"""Prompt and answer as token ids, the same around speech and transcript."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from transformers import PreTrainedTokenizerFast

from recipes.modgap_mini.tokenizer import ASSISTANT, AUDIO, END, TRANSCRIBE, USER

IGNORE = -100


@dataclass(frozen=True)
class Prompted:
    """Right-padded ids, attention mask and labels, each (B, T); labels cover the answer only."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    labels: torch.Tensor

    def to(self, device: torch.device) -> Prompted:
        """The same on a device."""
        return Prompted(self.input_ids.to(device), self.attention_mask.to(device), self.labels.to(device))


def question_prompt(question: str, task: str = ASSISTANT) -> str:
    """The prompt of a typed question; its last token is the task: answer it, or transcribe (repeat) it."""
    return f"{USER}{question}{task}"


def speech_prompt(n_speech_tokens: int, task: str = ASSISTANT) -> str:
    """The prompt of a spoken question, with its task as for a typed one."""
    return question_prompt(AUDIO * n_speech_tokens, task)


def with_answers(tokenizer: PreTrainedTokenizerFast, prompts: list[str], answers: list[str]) -> Prompted:
    """Prompts followed by their answers, for training."""
    texts = [f"{p}{a}{END}" for p, a in zip(prompts, answers, strict=True)]
    batch = tokenizer(texts, padding=True, padding_side="right", return_tensors="pt")
    tasks = torch.tensor(tokenizer.convert_tokens_to_ids([ASSISTANT, TRANSCRIBE]))
    answer_starts = torch.isin(batch.input_ids, tasks).int().argmax(-1, keepdim=True)
    is_answer = (torch.arange(batch.input_ids.shape[1]) > answer_starts) & (batch.attention_mask == 1)
    return Prompted(batch.input_ids, batch.attention_mask, batch.input_ids.masked_fill(~is_answer, IGNORE))
