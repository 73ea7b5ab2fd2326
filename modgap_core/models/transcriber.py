"""Models that transcribe: the ASR stage of the pipeline baseline (paper, table 3)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import transformers

from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.errors import AudioError, ModelError
from modgap_core.models.content_hash import content_hash
from modgap_core.models.find_model import find_folder, is_transcriber, read_config
from modgap_core.models.load import READ_ERRORS, shown_name, unloadable
from modgap_core.models.load_options import LoadOptions
from modgap_core.models.quiet import quiet
from modgap_core.models.speech_lm import ModelIdentity, Wave
from modgap_core.shipped import shipped_path

MINI_ASR = shipped_path("models/modgap-mini-asr")
"""The Whisper of modgap-mini's recipe, which ships with ModGap."""
_GRANITE_REQUEST = "<|audio|>can you transcribe the speech into a written format?"
"""As on the model's card."""
_MAX_NEW_TOKENS = 440


class Transcriber(ABC):
    """Speech to text.

    Args:
        model: a transformers model in evaluation mode.
        processor: its processor.
        identity: name and content hash.
    """

    def __init__(self, model: Any, processor: Any, identity: ModelIdentity) -> None:
        self.model, self.processor, self.identity = model, processor, identity

    @abstractmethod
    def transcribe(self, waves: Sequence[Wave]) -> list[str]:
        """What is said in each clip.

        Args:
            waves: clips [each shape=(n,)], mono, 16 kHz.
        """


class WhisperTranscriber(Transcriber):
    """Whisper with any tokenizer; a clip must fit its window."""

    def transcribe(self, waves: Sequence[Wave]) -> list[str]:
        """In one batch."""
        extractor = self.processor.feature_extractor
        if (longest := max(wave.size for wave in waves)) > extractor.n_samples:
            raise AudioError(
                f"A clip lasts {longest / SAMPLE_RATE_HZ:.1f} s, but {self.identity.name} hears at most "
                f"{extractor.chunk_length:g} s; cut it into shorter clips."
            )
        features = extractor(list(waves), sampling_rate=SAMPLE_RATE_HZ, return_tensors="pt").input_features
        with torch.inference_mode(), quiet():
            ids = self.model.generate(features.to(self.model.device, self.model.dtype), do_sample=False, num_beams=1)
        return [said.strip() for said in self.processor.tokenizer.batch_decode(ids, skip_special_tokens=True)]


class PipelineTranscriber(Transcriber):
    """CTC and other sequence-to-sequence models, through transformers' own pipeline.

    Clip by clip: some (wav2vec 2.0 base) hear the padding of a batch.
    """

    def transcribe(self, waves: Sequence[Wave]) -> list[str]:
        """One after the other."""
        pipe = transformers.pipeline(
            "automatic-speech-recognition",
            model=self.model,
            tokenizer=self.processor.tokenizer,
            feature_extractor=self.processor.feature_extractor,
        )
        sounds = [{"raw": wave, "sampling_rate": SAMPLE_RATE_HZ} for wave in waves]
        with quiet():
            return [str(found["text"]).strip() for found in pipe(sounds)]


class PromptedTranscriber(Transcriber):
    """An LLM that is asked to transcribe (GLM-ASR, Qwen3-ASR, Granite Speech)."""

    def transcribe(self, waves: Sequence[Wave]) -> list[str]:
        """Greedy, clip by clip, so that no clip hears another's padding."""
        return [self._one(wave) for wave in waves]

    def _one(self, wave: Wave) -> str:
        given = self._request(wave)
        inputs = {k: v.to(self.model.device) for k, v in given.items() if isinstance(v, torch.Tensor)}
        inputs = {k: v.to(self.model.dtype) if v.is_floating_point() else v for k, v in inputs.items()}
        with torch.inference_mode(), quiet():
            ids = self.model.generate(**inputs, max_new_tokens=_MAX_NEW_TOKENS, do_sample=False, num_beams=1)
        said = self.processor.tokenizer.decode(ids[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        extract = getattr(self.processor, "extract_transcription", str)
        return str(extract(said)).strip()

    def _request(self, wave: Wave) -> dict[str, Any]:
        if hasattr(self.processor, "apply_transcription_request"):
            return dict(self.processor.apply_transcription_request(wave))
        messages = [{"role": "user", "content": _GRANITE_REQUEST}]
        prompt = self.processor.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        return dict(self.processor(prompt, torch.from_numpy(wave)[None], return_tensors="pt"))


def load_transcriber(
    model: str | Path | None = None, device: str = "auto", dtype: str = "auto", trust_remote_code: bool = False
) -> Transcriber:
    """Load a model that transcribes.

    Args:
        model: a folder, a Hugging Face hub id, or None for modgap-mini-asr, which ships with ModGap.
        device: see `load_model`.
        dtype: see `load_model`.
        trust_remote_code: see `load_model`.

    Raises:
        ModelError: it is missing, broken, or no model that transcribes.
    """
    options = LoadOptions(device, dtype, trust_remote_code=trust_remote_code)
    folder = find_folder(MINI_ASR if model is None else model)
    config = read_config(folder)
    model_type, architecture = str(config.get("model_type")), str((config.get("architectures") or [""])[0])
    network_class = getattr(transformers, architecture, None)
    if not is_transcriber(model_type) or network_class is None:
        raise ModelError(
            f"The model {folder.name!r} (type {model_type!r}) does not transcribe, so it cannot be the ASR of a "
            "pipeline; give a Whisper, Granite Speech, GLM-ASR, Qwen3-ASR or another ASR model."
        )
    with quiet():
        try:
            network = network_class.from_pretrained(folder, **options.from_pretrained_arguments())
            processor = transformers.AutoProcessor.from_pretrained(folder)
        except READ_ERRORS as error:
            raise unloadable("parts", folder, error) from error
    network = network.to(options.place).eval()
    identity = ModelIdentity(shown_name(model, folder), content_hash(folder), model_type)
    return _kind(model_type, processor)(network, processor, identity)


def _kind(model_type: str, processor: Any) -> type[Transcriber]:
    if model_type == "whisper":
        return WhisperTranscriber
    is_prompted = hasattr(processor, "apply_transcription_request") or model_type.startswith("granite_speech")
    return PromptedTranscriber if is_prompted else PipelineTranscriber
