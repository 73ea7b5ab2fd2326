"""Fixtures that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from modgap_core.models.load import load_model
from modgap_core.models.speech_lm import SpeechLM
from tests.tiny_models import BUILDERS, UNIT_TOKENIZERS

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


@pytest.fixture(scope="session")
def tiny_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A saved tiny model for each architecture."""
    root = tmp_path_factory.mktemp("models")
    return {name: build(root / name) for name, build in BUILDERS.items()}


@pytest.fixture(scope="session")
def tiny_models(tiny_folders: dict[str, Path]) -> dict[str, SpeechLM]:
    """Each tiny model, loaded through the public `load_model`."""
    return {name: load_model(folder, unit_tokenizer=UNIT_TOKENIZERS.get(name)) for name, folder in tiny_folders.items()}


@pytest.fixture(scope="session")
def mini() -> SpeechLM:
    """The shipped model, loaded once; to be left as it is."""
    return load_model()


@pytest.fixture(params=list(BUILDERS))
def model(request: pytest.FixtureRequest, tiny_models: dict[str, SpeechLM]) -> SpeechLM:
    """One tiny model after the other."""
    return tiny_models[request.param]


@pytest.fixture
def wave() -> np.ndarray:
    """0.93 s of noise: the last speech token is begun only."""
    return (np.random.default_rng(3).standard_normal(14_900) * 0.1).astype(np.float32)
