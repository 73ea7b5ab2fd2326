"""That the setting which a numeric run asks for is the one it runs in, and that the shipped model answers in it."""

from __future__ import annotations

import os
import platform
import re

import pytest
import torch

from modgap_core.audio.load import load_audio
from modgap_core.models.speech_lm import SpeechLM
from tests.examples import clear_examples

pytestmark = pytest.mark.numeric


def test_the_instruction_set_is_the_one_asked_for() -> None:
    asked = os.environ.get("ATEN_CPU_CAPABILITY")
    if asked is None:
        pytest.skip("no instruction set was asked for (ATEN_CPU_CAPABILITY)")
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip(f"{platform.machine()} has no instruction set {asked}")
    assert torch.backends.cpu.get_cpu_capability() == asked.upper()


def test_the_number_of_threads_is_the_one_asked_for() -> None:
    asked = os.environ.get("OMP_NUM_THREADS")
    if asked is None:
        pytest.skip("no number of threads was asked for (OMP_NUM_THREADS)")
    assert torch.get_num_threads() == int(asked)
    told = dict(re.findall(r"(omp|mkl)_get_max_threads\(\) : (\d+)", torch.__config__.parallel_info()))
    assert set(told.values()) <= {asked}, told


def test_the_shipped_model_answers_its_clear_examples_alone_and_in_a_batch(mini: SpeechLM) -> None:
    examples = clear_examples()
    waves = [load_audio(path).samples for path, _, _ in examples]
    right = [reference for _, _, reference in examples]
    assert mini.generate(mini.encode_text([transcript for _, transcript, _ in examples])) == right
    assert mini.generate(mini.encode_speech(waves)) == right
    assert [mini.generate(mini.encode_speech([wave]))[0] for wave in waves] == right
