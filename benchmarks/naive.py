"""The same work as one would write it today: all hidden states to NumPy, loops over layers and tokens."""

from __future__ import annotations

import numpy as np
import torch
from scipy.stats import spearmanr

from modgap_core.models.encoded import Encoded
from modgap_core.models.speech_lm import SpeechLM


def naive_states(model: SpeechLM, encoded: Encoded) -> list[np.ndarray]:
    """(T, d) of the span for each layer."""
    with torch.no_grad():
        hidden = model.adapter.model(**encoded.inputs, output_hidden_states=True).hidden_states
    return [h.float().cpu().numpy()[0][encoded.span[0].cpu().numpy()] for h in hidden]


def naive_measures(speech: list[np.ndarray], text: list[np.ndarray]) -> list[dict[str, object]]:
    """Every quantity of sections 4 and 5, one layer and one pair of tokens at a time."""
    return [_naive_layer(h_s, h_t) for h_s, h_t in zip(speech, text, strict=True)]


def _naive_layer(h_s: np.ndarray, h_t: np.ndarray) -> dict[str, object]:
    cosine, distance = np.zeros((len(h_s), len(h_t))), np.zeros((len(h_s), len(h_t)))
    for i, s in enumerate(h_s):
        for j, t in enumerate(h_t):
            cosine[i, j] = s @ t / (np.linalg.norm(s) * np.linalg.norm(t))
            distance[i, j] = np.linalg.norm(s - t)
    paths = (
        [int(np.argmax(cosine[:, j])) for j in range(len(h_t))],
        [int(np.argmin(distance[:, j])) for j in range(len(h_t))],
    )
    m_s, m_t = h_s.mean(0), h_t.mean(0)
    return {
        "curve": (m_s @ m_t / (np.linalg.norm(m_s) * np.linalg.norm(m_t)), np.linalg.norm(m_s - m_t)),
        "monotonicity": [spearmanr(range(len(h_t)), path).statistic for path in paths],
        "consistency": np.mean([a == b for a, b in zip(*paths, strict=True)]),
        "aps": [np.mean([a[i, j] for j, i in enumerate(p)]) for a, p in zip((cosine, distance), paths, strict=True)],
    }
