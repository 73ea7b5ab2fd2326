"""`SpeechLM`: the one interface to a speech language model."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from modgap_core.audio.clip import Clip
from modgap_core.audio.load import as_clip
from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.errors import AudioError, ModGapError, TranscriptError
from modgap_core.models.adapters.base import ModelAdapter
from modgap_core.models.check import Check
from modgap_core.models.encoded import Encoded, positions
from modgap_core.models.hooks import Edit, Recorder, Reduce, editable, layers_of, prefill_hooks
from modgap_core.models.prompt import refuse_control_tokens, render_prompt, transcript_span
from modgap_core.transcript import check_transcript

Wave = NDArray[np.float32]


@dataclass(frozen=True)
class ModelIdentity:
    """Which model this is, for results and caches.

    Attributes:
        name: how the user called it.
        content_hash: SHA-256 over its configuration, tokenizer and weight files.
        model_type: ``config.model_type``.
    """

    name: str
    content_hash: str
    model_type: str


class SpeechLM:
    """A loaded model that hears and reads; thread-safe, one run at a time.

    Layers count 0..L: 0 is the LLM input, l is after block l, L is before the final norm.

    Args:
        adapter: the per-model part.
        identity: name and content hash.
        notes: sentences for the user about this model (what speech it knows ...).
    """

    def __init__(self, adapter: ModelAdapter, identity: ModelIdentity, notes: Sequence[str] = ()) -> None:
        self.adapter, self.identity, self.notes = adapter, identity, tuple(notes)
        self.tokenizer = adapter.tokenizer
        self.decoder = adapter.decoder
        self.n_layers = len(layers_of(self.decoder))
        self.width = int(self.decoder.config.hidden_size)  # type: ignore[union-attr, arg-type]
        self.lock = threading.RLock()
        self.checks: tuple[Check, ...] = ()

    @property
    def editable_layers(self) -> range:
        """Layers whose states can be changed with an effect on the answer (`hooks.editable`)."""
        return editable(self.decoder)

    def probing(self) -> SpeechLM:
        """The same model hearing any sound, for checks of the model alone."""
        if self.adapter.hears_any:
            return self
        probe = SpeechLM(self.adapter.probing(), self.identity, self.notes)
        probe.lock = self.lock
        return probe

    @property
    def device(self) -> torch.device:
        """Where the model runs."""
        return self.adapter.model.get_input_embeddings().weight.device  # type: ignore[no-any-return]

    @property
    def dtype(self) -> torch.dtype:
        """The weights' precision."""
        return next(self.decoder.parameters()).dtype

    @property
    def ms_per_token(self) -> float:
        """Milliseconds of sound in one speech token."""
        return self.adapter.ms_per_token

    @property
    def max_duration_s(self) -> float:
        """The longest clip that the model hears whole, in seconds."""
        return self.adapter.max_duration_s

    # -- inputs ---------------------------------------------------------------------------------

    def encode_speech(self, waves: Sequence[Wave], instruction: str = "") -> Encoded:
        """Prompts with a clip each.

        Args:
            waves: clips [each shape=(n,)], mono, 16 kHz.
            instruction: text before the clip, in the same user turn.

        Raises:
            AudioError: a clip is longer than the model's window.
        """
        for wave in waves:
            self._refuse_long(wave)
        prompt = render_prompt(self._templated, instruction).around(self.adapter.speech_markup)
        inputs = self._to_device(self.adapter.speech_inputs([prompt] * len(waves), list(waves)))
        span = self.adapter.speech_span(inputs, list(waves))
        return Encoded(inputs, span, self.adapter.clip_ms_per_token(span, list(waves)))

    def encode_text(self, texts: Sequence[str], instruction: str = "") -> Encoded:
        """Prompts with a transcript each, the same prompt as around speech.

        Args:
            texts: the transcripts.
            instruction: text before the transcript, in the same user turn.

        Raises:
            TranscriptError: a transcript is empty for the tokenizer, too long, or holds control tokens.
            ModelError: a token straddles transcript and prompt.
        """
        control_tokens = self.adapter.control_tokens
        for text in texts:
            refuse_control_tokens(control_tokens, text)
        prompt = render_prompt(self._templated, instruction)
        batch = self.tokenizer(
            [prompt.around(text) for text in texts],
            return_offsets_mapping=True,
            return_tensors="pt",
            padding=True,
            padding_side="left",
            add_special_tokens=False,
        )
        offsets = batch.pop("offset_mapping")
        self._refuse_many_tokens(batch["input_ids"].shape[1])
        found = [
            transcript_span(self.tokenizer, ids, at, prompt, text)
            for ids, at, text in zip(batch["input_ids"], offsets, texts, strict=True)
        ]
        inputs = {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"]}
        span = torch.stack([mask for mask, _ in found]).to(self.device)
        return Encoded(self._to_device(inputs), span, tokens=tuple(tokens for _, tokens in found))

    @property
    def _templated(self) -> Any:
        processor = self.adapter.processor
        return processor if getattr(processor, "chat_template", None) else self.tokenizer

    def _to_device(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        moved = {k: v.to(self.device) if isinstance(v, torch.Tensor) else v for k, v in inputs.items()}
        return {k: v.to(self.dtype) if k == "input_features" else v for k, v in moved.items()}

    def _refuse_long(self, wave: Wave) -> None:
        seconds = wave.shape[-1] / SAMPLE_RATE_HZ
        if seconds > self.max_duration_s:
            raise AudioError(
                f"The clip lasts {seconds:.1f} s, but {self.identity.name} hears at most {self.max_duration_s:g} s; "
                "cut it into shorter clips."
            )

    def _refuse_many_tokens(self, n_tokens: int) -> None:
        most = int(getattr(self.decoder.config, "max_position_embeddings", 2**31))
        if n_tokens > most:
            raise TranscriptError(
                f"The transcript makes a prompt of {n_tokens} tokens, but {self.identity.name} reads at most {most}; "
                "shorten it."
            )

    # -- runs -----------------------------------------------------------------------------------

    @contextmanager
    def run(self, encoded: Encoded, reduce: Reduce | None, edits: Mapping[int, Edit] | None) -> Iterator[Recorder]:
        """One run of the model at a time, with its prefill watched and edited; what the others are made of.

        Args:
            encoded: the prompts.
            reduce: see `states`; None to record nothing.
            edits: by layer.
        """
        with self.lock, torch.inference_mode(), prefill_hooks(self.decoder, encoded.span, reduce, edits) as recorder:
            self.adapter.set_modality(encoded.is_speech)
            yield recorder

    def states(self, encoded: Encoded, reduce: Reduce, edits: Mapping[int, Edit] | None = None) -> list[Any]:
        """One prefill without the head, reduced on the fly.

        Args:
            encoded: the prompts.
            reduce: ``reduce(layer, states (B, T, d), span (B, T))``; layer is 0..L, then `AFTER_NORM`.
            edits: by layer, applied before the layer is reduced.

        Returns:
            What the reduction returned for layers 0..L and for L after the final norm (L + 2 entries).
        """
        with self.run(encoded, reduce, edits) as recorder:
            self.adapter.prefill(self.prefill_inputs(encoded))
        return list(recorder.reduced)

    def span_states(self, encoded: Encoded) -> torch.Tensor:
        """States (N, n, d) of the span of a batch of one; N = L + 2, the last after the final norm."""
        (where,) = encoded.span_slices()

        def reduce(_layer: int, states: torch.Tensor, _span: torch.Tensor) -> torch.Tensor:
            return states[0, where].clone()

        layers = self.states(encoded, reduce)
        return torch.stack([states.to(self.device) for states in layers])  # a model may lie on several devices

    def hidden_states(self, speech: Clip | Wave | str | Path | None = None, *, text: str = "") -> torch.Tensor:
        """States of a clip's speech tokens, or of a transcript's text tokens, in one line.

        Args:
            speech: a clip, samples (mono, 16 kHz), or a sound file.
            text: a transcript, in the clip's place.

        Returns:
            (L + 2, n, d): layers 0..L, L before the final norm, then layer L after it.

        Raises:
            ModGapError: both are given, or neither; or as `encode_speech` and `encode_text`.
        """
        if (speech is None) == (not text):
            raise ModGapError("Hidden states are of a clip or of a text; give one of them.")
        if speech is None:
            return self.span_states(self.encode_text([check_transcript(text)]))
        return self.span_states(self.encode_speech([as_clip(speech).samples]))

    def __repr__(self) -> str:
        size = f"{self.n_layers} layers of width {self.width}"
        return f"<SpeechLM {self.identity.name!r} ({self.identity.model_type}): {size} on {self.device}>"

    def logits(self, encoded: Encoded, edits: Mapping[int, Edit] | None = None) -> torch.Tensor:
        """Logits (B, V) of the first answer token."""
        return self.logits_with_states(encoded, None, edits)[0][:, -1]

    def logits_with_states(
        self, encoded: Encoded, reduce: Reduce | None, edits: Mapping[int, Edit] | None = None, n_last: int = 1
    ) -> tuple[torch.Tensor, list[Any]]:
        """Logits (B, n_last, V) at the last positions and reduced states from one and the same prefill."""
        with self.run(encoded, reduce, edits) as recorder:
            logits = self.adapter.last_logits(self.prefill_inputs(encoded), n_last).clone()
        return logits, list(recorder.reduced)

    def generate(
        self, encoded: Encoded, edits: Mapping[int, Edit] | None = None, max_new_tokens: int = 64
    ) -> list[str]:
        """Greedy answers; edits act in the prefill, the KV cache carries them on."""
        return self.generate_with_states(encoded, None, edits, max_new_tokens)[0]

    def generate_with_states(
        self,
        encoded: Encoded,
        reduce: Reduce | None,
        edits: Mapping[int, Edit] | None = None,
        max_new_tokens: int = 64,
    ) -> tuple[list[str], list[Any]]:
        """Answers and reduced states from one and the same prefill."""
        at_once = len(self.editable_layers) == self.n_layers  # layers that share keys may see one token in generate
        with self.run(encoded, reduce if at_once else None, edits) as recorder:
            ids = self.generate_ids(encoded, max_new_tokens)
        answers = [answer.strip() for answer in self.adapter.answers(ids)]
        if reduce is None or at_once:
            return answers, list(recorder.reduced)
        return answers, self.states(encoded, reduce, edits)

    def generate_ids(self, encoded: Encoded, max_new_tokens: int) -> torch.Tensor:
        """Tokens (B, n) of greedy answers."""
        ids = self._generate(encoded, max_new_tokens)
        prompt_ids = encoded.inputs.get("input_ids")  # a prompt of embeddings is not returned
        return ids if prompt_ids is None else ids[:, prompt_ids.shape[1] :]  # type: ignore[no-any-return]

    def generate_with_logits(self, encoded: Encoded, max_new_tokens: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens (B, n) and the logits (B, n, V) that they were taken from."""
        out = self._generate(encoded, max_new_tokens, return_dict_in_generate=True, output_logits=True)
        return out.sequences[:, -len(out.logits) :], torch.stack(out.logits, dim=1)

    def _generate(self, encoded: Encoded, max_new_tokens: int, **more: bool) -> Any:
        return self.adapter.model.generate(
            **encoded.inputs,
            max_new_tokens=max_new_tokens,
            do_sample=False,
            num_beams=1,
            pad_token_id=self.tokenizer.pad_token_id,
            **more,
        )

    @staticmethod
    def prefill_inputs(encoded: Encoded) -> dict[str, Any]:
        """Inputs with the position ids that left padding needs."""
        return {**encoded.inputs, "position_ids": positions(encoded.inputs["attention_mask"])}

    def embed_tokens(self, ids: torch.Tensor) -> torch.Tensor:
        """Layer-0 states (N, d) of token ids (N,) in text."""
        with torch.inference_mode():
            return self.adapter.model.get_input_embeddings()(ids)  # type: ignore[no-any-return]
