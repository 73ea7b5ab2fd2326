"""A processor for sound and text alone, for models whose own processor also wants images and video.

Qwen2.5-Omni's, for example, needs torchvision only to be built. ModGap asks for no picture.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoFeatureExtractor, AutoTokenizer


@dataclass
class AudioTextProcessor:
    """Feature extractor, tokenizer and chat template.

    Attributes:
        feature_extractor: turns 16 kHz samples into features.
        tokenizer: the backbone's.
        chat_template: Jinja; None if the model has none.
    """

    feature_extractor: Any
    tokenizer: Any
    chat_template: str | None = None

    @classmethod
    def from_pretrained(cls, folder: Path) -> AudioTextProcessor:
        """Read the parts that lie in a model folder."""
        tokenizer = AutoTokenizer.from_pretrained(folder)
        template, older = tokenizer.chat_template, folder / "chat_template.json"
        if template is None and older.exists():
            template = json.loads(older.read_text(encoding="utf-8"))["chat_template"]
        return cls(AutoFeatureExtractor.from_pretrained(folder), tokenizer, template)

    def apply_chat_template(self, messages: list[dict[str, str]], **settings: Any) -> Any:
        """Render messages."""
        return self.tokenizer.apply_chat_template(messages, chat_template=self.chat_template, **settings)

    def tokens(self, prompts: list[str], placeholder: str, counts: list[int]) -> dict[str, Any]:
        """Left-padded ids and mask of prompts whose placeholder stands for that many speech tokens."""
        texts = [p.replace(placeholder, placeholder * n, 1) for p, n in zip(prompts, counts, strict=True)]
        batch = self.tokenizer(texts, padding=True, padding_side="left", add_special_tokens=False, return_tensors="pt")
        return {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"]}
