"""An explorer of 750 speech tokens, 100 text tokens and 32 layers of random values."""

import numpy as np
import streamlit as st

from dashboard.explorer import alignment_explorer
from dashboard.explorer.payload import ExplorerInput, Side
from modgap_core.audio.clip import Clip

N_SPEECH, N_TEXT, N_LAYERS = 750, 100, 32


@st.cache_resource
def random_input() -> ExplorerInput:
    """Random values; what is drawn does not matter, how much does."""
    rng = np.random.default_rng(0)
    wave = (rng.standard_normal(30 * 16_000) * 0.1).astype(np.float32)
    starts = np.arange(N_SPEECH) * 0.04
    shape = (N_LAYERS, N_SPEECH, N_TEXT)
    path = rng.integers(0, N_SPEECH, (N_LAYERS, N_TEXT))
    return ExplorerInput(
        wav_bytes=Clip(wave, "noise").wav_bytes(),
        duration_s=30.0,
        envelope=rng.uniform(-1, 1, (1200, 2)),
        mel_db=rng.uniform(-80, 0, (64, 3000)),
        mel_hop_s=0.01,
        mel_hz=np.linspace(50, 7900, 64),
        speech_spans_s=np.stack([starts, starts + 0.04], axis=1),
        text_tokens=tuple(f"token{j}" for j in range(N_TEXT)),
        layer_labels=tuple(map(str, range(N_LAYERS))),
        sides={
            "cosine": Side("cosine similarity", True, rng.uniform(-1, 1, shape).astype(np.float32), {"argmax": path}),
            "euclidean": Side(
                "Euclidean distance", False, rng.uniform(0, 30, shape).astype(np.float32), {"argmax": path}
            ),
        },
    )


selection = alignment_explorer(random_input(), key="explorer")
st.text(repr(selection))
