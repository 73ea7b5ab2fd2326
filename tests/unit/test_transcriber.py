"""The ASR stage of the pipeline: a real Whisper, an LLM that is asked, a CTC model, and what is no ASR."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jiwer
import numpy as np
import pytest
import torch
from transformers import (
    GlmAsrConfig,
    GlmAsrForConditionalGeneration,
    GlmAsrProcessor,
    Wav2Vec2Config,
    Wav2Vec2CTCTokenizer,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
    Wav2Vec2Processor,
)

from modgap_core.audio.load import load_audio
from modgap_core.errors import AudioError, ModelError
from modgap_core.models.transcriber import (
    PipelineTranscriber,
    PromptedTranscriber,
    WhisperTranscriber,
    load_transcriber,
)
from tests.examples import clear_examples
from tests.tiny_models import byte_tokenizer, masked_extractor, save, small_backbone

ASR_TEMPLATE = (
    "{% for m in messages %}<|user|>{% for c in m['content'] %}{{ c['text'] if c['type'] == 'text' else '<|audio|>' }}"
    "{% endfor %}{% endfor %}<|assistant|>"
)


def build_glm_asr(folder: Path) -> Path:
    torch.manual_seed(0)
    tokenizer = byte_tokenizer(["<|pad|>", "<|end|>", "<|user|>", "<|assistant|>", "<|audio|>"])
    audio = {"hidden_size": 32, "intermediate_size": 128, "num_hidden_layers": 1, "num_attention_heads": 4}
    text = small_backbone("llama", len(tokenizer)).to_dict()
    config = GlmAsrConfig(audio_config={**audio, "num_mel_bins": 16}, text_config=text, audio_token_id=4)
    processor = GlmAsrProcessor(masked_extractor(), tokenizer, ASR_TEMPLATE, audio_token="<|audio|>")
    return save(GlmAsrForConditionalGeneration(config), processor, tokenizer, folder)


def build_ctc(folder: Path) -> Path:
    torch.manual_seed(0)
    folder.mkdir()
    letters = {"<pad>": 0, "|": 1, **{letter: i + 2 for i, letter in enumerate("abcdefgh")}}
    (folder / "vocab.json").write_text(json.dumps(letters))
    tokenizer = Wav2Vec2CTCTokenizer(folder / "vocab.json", unk_token="<pad>", bos_token=None, eos_token=None)
    config = Wav2Vec2Config(
        vocab_size=10,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=4,
        intermediate_size=32,
        conv_dim=(16, 16),
        conv_stride=(10, 32),
        conv_kernel=(20, 32),
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
    )
    Wav2Vec2ForCTC(config).save_pretrained(folder)
    Wav2Vec2Processor(Wav2Vec2FeatureExtractor(), tokenizer).save_pretrained(folder)
    return folder


@pytest.mark.numeric
def test_the_shipped_asr_hears_the_shipped_examples() -> None:
    """Clear clips by known voices; a batch says what single clips say."""
    asr = load_transcriber()
    assert isinstance(asr, WhisperTranscriber)
    paths, transcripts, _ = zip(*clear_examples(), strict=True)
    waves = [load_audio(path).samples for path in paths]
    heard = asr.transcribe(waves)
    assert jiwer.wer(list(transcripts), heard) < 0.2
    assert [asr.transcribe([wave])[0] for wave in waves] == heard


@pytest.mark.numeric
@pytest.mark.parametrize(("build", "kind"), [(build_glm_asr, PromptedTranscriber), (build_ctc, PipelineTranscriber)])
def test_other_architectures_transcribe(
    tmp_path: Path, wave: np.ndarray, build: Callable[[Path], Path], kind: type
) -> None:
    asr = load_transcriber(build(tmp_path / "asr"))
    assert isinstance(asr, kind)
    together = asr.transcribe([wave, wave[:8000]])
    assert [asr.transcribe([w])[0] for w in (wave, wave[:8000])] == together
    assert all(isinstance(text, str) for text in together)


def test_what_is_no_asr(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not transcribe, so it cannot be the ASR of a pipeline; give a Whisper"):
        load_transcriber(tiny_folders["qwen2-audio"])
    with pytest.raises(ModelError, match="no model folder"):
        load_transcriber(tmp_path / "none")


def test_a_clip_longer_than_the_window() -> None:
    with pytest.raises(AudioError, match=r"lasts 6.0 s, but modgap-mini-asr hears at most 5 s"):
        load_transcriber().transcribe([np.ones(96_000, dtype=np.float32)])
