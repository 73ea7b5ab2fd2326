"""The 7B shape of Qwen2-Audio and the 8B shape of the paper's LSLM, random weights in bf16: for a machine with a GPU.

``python -m benchmarks.large`` needs a GPU of 40 GB; ``--small`` runs the same code on small shapes anywhere, to see
that it works. Weights are drawn on the device and never written.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import torch
from transformers import (
    LlamaConfig,
    Qwen2AudioConfig,
    Qwen2AudioForConditionalGeneration,
    Qwen2AudioProcessor,
    Qwen2Config,
    WhisperConfig,
    WhisperFeatureExtractor,
)

from benchmarks.naive import naive_measures, naive_states
from benchmarks.timing import median_ratio, print_table, side_by_side
from modgap_core.analysis.finish import finished_pair, finished_rows
from modgap_core.analysis.layer_measures import keep_rows, measure_against
from modgap_core.analysis.pair import measure_pair
from modgap_core.metrics import Measures
from modgap_core.models.adapters.lslm import LSLMAdapter
from modgap_core.models.adapters.qwen2_audio import Qwen2AudioAdapter
from modgap_core.models.doctor import diagnose
from modgap_core.models.lslm import LSLMConfig, LSLMForConditionalGeneration, LSLMProcessor
from modgap_core.models.speech_lm import ModelIdentity, SpeechLM
from tests.tiny_models import AUDIO_SPECIAL, SPECIAL, TEMPLATE, byte_tokenizer

SECONDS, TRANSCRIPT = 8.0, "which number comes after thirteen and what is the capital of france"
BATCHES = (1, 8, 32)
_SEVEN_B = {
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
}
_EIGHT_B = {**_SEVEN_B, "intermediate_size": 14336, "num_key_value_heads": 8}
_WHISPER = {"d_model": 1280, "encoder_layers": 32, "encoder_attention_heads": 20, "encoder_ffn_dim": 5120}
_SMALL = {
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
}
_SMALL_WHISPER = {"d_model": 64, "encoder_layers": 2, "encoder_attention_heads": 4, "encoder_ffn_dim": 128}


def qwen2_audio(small: bool, place: torch.device, dtype: torch.dtype) -> SpeechLM:
    """Qwen2-Audio-7B's shape, or a small one."""
    tokenizer = byte_tokenizer(SPECIAL[:2] + AUDIO_SPECIAL)
    audio = {**(_SMALL_WHISPER if small else _WHISPER), "model_type": "qwen2_audio_encoder"}
    config = Qwen2AudioConfig(
        audio_config=audio,
        text_config=Qwen2Config(**(_SMALL if small else _SEVEN_B), vocab_size=2**10 if small else 156_032),
        audio_token_id=tokenizer.convert_tokens_to_ids("<|AUDIO|>"),
    )
    network = drawn(Qwen2AudioForConditionalGeneration, config, place, dtype)
    processor = Qwen2AudioProcessor(WhisperFeatureExtractor(feature_size=128, return_attention_mask=True), tokenizer)
    return SpeechLM(Qwen2AudioAdapter(network, processor), ModelIdentity("Qwen2-Audio", "random", "qwen2_audio"))


def lslm(small: bool, place: torch.device, dtype: torch.dtype) -> SpeechLM:
    """The paper's LSLM on Llama3.1-8B's shape, or a small one."""
    tokenizer = byte_tokenizer(SPECIAL)
    tokenizer.chat_template = TEMPLATE
    config = LSLMConfig(
        audio_config=WhisperConfig(**(_SMALL_WHISPER if small else _WHISPER), num_mel_bins=128),
        text_config=LlamaConfig(**(_SMALL if small else _EIGHT_B), vocab_size=2**10 if small else 128_256),
        adapter_hidden_size=128 if small else 4096,
        audio_token_id=tokenizer.convert_tokens_to_ids("<|audio|>"),
    )
    processor = LSLMProcessor(WhisperFeatureExtractor(feature_size=128), tokenizer)
    network = drawn(LSLMForConditionalGeneration, config, place, dtype)
    return SpeechLM(LSLMAdapter(network, processor), ModelIdentity("LSLM", "random", "modgap_lslm"))


def drawn(network_class: type, config: object, place: torch.device, dtype: torch.dtype) -> torch.nn.Module:
    """Random weights, drawn in their precision where they stay."""
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with place:
            network = network_class(config)
    finally:
        torch.set_default_dtype(before)
    network.generation_config.eos_token_id = 1
    network.generation_config.pad_token_id = 0
    return network.eval()  # type: ignore[no-any-return]


def waves(n: int) -> list[np.ndarray]:
    """Noise; the time does not depend on what is heard."""
    return list((np.random.default_rng(0).standard_normal((n, int(SECONDS * 16_000))) * 0.1).astype(np.float32))


def synchronised(model: SpeechLM, run: Callable[[], object]) -> Callable[[], None]:
    """The run, waited for."""

    def waited() -> None:
        run()
        if model.device.type == "cuda":
            torch.cuda.synchronize()

    return waited


def pair_contenders(model: SpeechLM) -> dict[str, Callable[[], object]]:
    """Two bare prefills, the analysis of a pair, and the naive script."""
    speech, text = model.encode_speech(waves(1)), model.encode_text([TRANSCRIPT])

    def bare() -> None:
        with torch.inference_mode():
            for encoded in (text, speech):
                model.adapter.prefill(model.prefill_inputs(encoded))

    def ours() -> object:
        return finished_pair(measure_pair(model, speech, text, None), Measures())

    def naive() -> object:
        return naive_measures(naive_states(model, speech), naive_states(model, text))

    return {name: synchronised(model, run) for name, run in (("bare", bare), ("ours", ours), ("naive", naive))}


def batch_of(model: SpeechLM, n: int) -> Callable[[], None]:
    """All quantities of n pairs at once, encoding included."""

    def run() -> object:
        speech, text = model.encode_speech(waves(n)), model.encode_text([TRANSCRIPT] * n)
        rows = model.states(text, keep_rows(text.span_slices()))
        reduce = measure_against(rows, speech.span_slices(), Measures(), None, keep_matrices=False)
        n_text = [len(tokens) for tokens in text.tokens]
        return finished_rows(model.states(speech, reduce), Measures(), n_text, [()] * n)

    return synchronised(model, run)


def measure(name: str, model: SpeechLM, rounds: int) -> None:
    """Print one model's figures."""
    diagnosis = diagnose(model)
    failed = [check.name for check in diagnosis.checks if not check.passed]
    on_gpu = model.device.type == "cuda"
    weights = torch.cuda.memory_allocated() / 2**30 if on_gpu else 0.0
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    seconds = side_by_side(pair_contenders(model), rounds)
    rows = {
        "doctor": f"{len(diagnosis.checks)} checks, failed: {', '.join(failed) or 'none'}",
        "analysis / two bare prefills (goal 1.05)": f"{median_ratio(seconds['ours'], seconds['bare']):.3f}",
        "naive script / analysis": f"{median_ratio(seconds['naive'], seconds['ours']):.1f}",
    }
    naive_rate = 1 / (sorted(seconds["naive"])[rounds // 2])
    for n in BATCHES:
        times = side_by_side({"batch": batch_of(model, n)}, rounds)["batch"]
        rate = n / sorted(times)[rounds // 2]
        rows[f"batch {n}: pairs a second; over the naive script"] = f"{rate:.1f}; {rate / naive_rate:.1f} times"
    if on_gpu:
        peak = torch.cuda.max_memory_allocated() / 2**30
        rows["weights; peak memory over them"] = f"{weights:.1f} GB; {peak - weights:.1f} GB"
    print_table(f"{name}, {model.dtype}, {model.device}, {SECONDS:g} s of speech, {rounds} rounds", rows)


def main() -> None:
    """Both models, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="small shapes, for a machine without a GPU")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if not options.small and not torch.cuda.is_available():
        raise SystemExit("There is no GPU here, so the large shapes are not measured; --small runs small ones.")
    place = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    dtype = torch.bfloat16 if place.type == "cuda" else torch.float32
    shape = "small" if options.small else "7B and 8B"
    for name, build in (("Qwen2-Audio", qwen2_audio), ("the paper's LSLM", lslm)):
        measure(f"{name}, {shape}", build(options.small, place, dtype), options.rounds)


if __name__ == "__main__":
    main()
