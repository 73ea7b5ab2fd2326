"""A pair's analysis over the two bare prefills, and over the naive script; seconds and peak memory."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from benchmarks.naive import naive_measures, naive_states
from benchmarks.timing import median_ratio, print_table, side_by_side
from modgap_core.analysis.finish import finished_pair
from modgap_core.analysis.pair import analyze_pair, measure_pair
from modgap_core.metrics import Measures
from modgap_core.models.load import load_model
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.states.null_bank import NullBank, build_null_bank, shipped_utterances

SECONDS, TRANSCRIPT = 4.0, "which number comes after thirteen and what is the capital of france"
MODELS = ("modgap-mini", "Qwen2-Audio, 24 layers, 1024 wide, random")


def build_model(name: str) -> SpeechLM:
    """The mini model, or a random Qwen2-Audio whose LLM has 24 layers of width 1024."""
    if name == MODELS[0]:
        return load_model()
    from transformers import (
        Qwen2AudioConfig,
        Qwen2AudioEncoderConfig,
        Qwen2AudioForConditionalGeneration,
        Qwen2AudioProcessor,
        Qwen2Config,
        WhisperFeatureExtractor,
    )

    from tests.tiny_models import AUDIO_SPECIAL, SPECIAL, byte_tokenizer

    torch.manual_seed(0)
    tokenizer = byte_tokenizer(SPECIAL[:2] + AUDIO_SPECIAL)
    config = Qwen2AudioConfig(
        audio_config=Qwen2AudioEncoderConfig(
            d_model=512, encoder_layers=6, encoder_attention_heads=8, encoder_ffn_dim=2048
        ),
        text_config=Qwen2Config(
            vocab_size=len(tokenizer),
            hidden_size=1024,
            intermediate_size=2816,
            num_hidden_layers=24,
            num_attention_heads=16,
            num_key_value_heads=4,
            pad_token_id=0,
            eos_token_id=1,
        ),
        audio_token_id=tokenizer.convert_tokens_to_ids("<|AUDIO|>"),
    )
    with tempfile.TemporaryDirectory() as folder:
        Qwen2AudioForConditionalGeneration(config).save_pretrained(folder)
        extractor = WhisperFeatureExtractor(feature_size=128, return_attention_mask=True)
        Qwen2AudioProcessor(extractor, tokenizer).save_pretrained(folder)
        return load_model(Path(folder))


def clip() -> np.ndarray:
    """Four seconds of noise; the time does not depend on what is heard."""
    return (np.random.default_rng(0).standard_normal(int(SECONDS * 16_000)) * 0.1).astype(np.float32)


def contenders(model: SpeechLM, bank: NullBank | None) -> dict[str, Callable[[], object]]:
    """Bare prefills, our analysis without and with null reference, the naive script; inputs encoded alike."""
    wave = clip()
    speech, text = model.encode_speech([wave]), model.encode_text([TRANSCRIPT])

    def bare() -> None:
        with torch.inference_mode():
            for encoded in (text, speech):
                model.adapter.prefill(model.prefill_inputs(encoded))

    def ours(null: NullBank | None) -> object:
        return finished_pair(measure_pair(model, speech, text, null), Measures())

    return {
        "bare": bare,
        "ours": lambda: ours(None),
        "ours with null": lambda: ours(bank),
        "naive": lambda: naive_measures(naive_states(model, speech), naive_states(model, text)),
    }


def measure(name: str, rounds: int) -> None:
    """Print one model's figures."""
    model = build_model(name)
    bank = build_null_bank(model, shipped_utterances()[:20])
    runs = contenders(model, bank)
    seconds = side_by_side(runs, rounds)
    bare = seconds["bare"]
    rows = {"two bare prefills, median": f"{1000 * sorted(bare)[len(bare) // 2]:.1f} ms"}
    rows["analysis / bare prefills (goal 1.15)"] = f"{median_ratio(seconds['ours'], bare):.2f}"
    rows["analysis with null reference / bare prefills"] = f"{median_ratio(seconds['ours with null'], bare):.2f}"
    rows["naive script / analysis"] = f"{median_ratio(seconds['naive'], seconds['ours']):.1f}"
    rows["naive script / bare prefills"] = f"{median_ratio(seconds['naive'], bare):.1f}"
    whole = side_by_side({"whole": lambda: analyze_pair(model, clip(), TRANSCRIPT, max_new_tokens=24)}, 3)["whole"]
    rows["analyze_pair, both answers and null, median (goal 2 s, mini)"] = f"{sorted(whole)[1]:.2f} s"
    rows |= {f"peak memory over the loaded model, {c}": f"{peak_mb(name, c):.0f} MB" for c in ("bare", "ours", "naive")}
    print_table(f"{name}: {SECONDS:g} s of speech, {torch.get_num_threads()} threads, {rounds} rounds", rows)


def peak_mb(name: str, contender: str) -> float:
    """Growth of a fresh process's peak memory over one run of a contender."""
    command = [sys.executable, "-m", "benchmarks.pair", "--child", contender, "--model", name]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1])


def child(name: str, contender: str) -> None:
    """In the fresh process: print the growth of the peak in MB."""
    runs = contenders(build_model(name), None)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak so far was that of loading
    before = status_mb("VmRSS")
    runs[contender]()
    print(status_mb("VmHWM") - before)


def status_mb(field: str) -> float:
    """A field of this process's memory in MB (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(f"{field}:"))


def main() -> None:
    """Both models, or one run in a child process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--child")
    parser.add_argument("--model", default=MODELS[0])
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    if options.child:
        child(options.model, options.child)
        return
    for name in MODELS:
        measure(name, options.rounds)


if __name__ == "__main__":
    main()
