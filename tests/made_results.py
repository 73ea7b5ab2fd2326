"""Results whose every number differs from every other, so that a chart that takes the wrong one is seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from modgap_core.interventions.condition import Condition
from modgap_core.interventions.outcome import SPEECH, TEXT, InterventionResult, NextToken, Outcome
from modgap_core.metrics import DEFAULT_PATH, Key
from modgap_core.provenance import Provenance
from modgap_core.results.measured import LayerValues, Measured, path_name
from modgap_core.results.pair_result import Answers, PairResult
from modgap_core.scoring.expected import Expected
from modgap_core.tokens import TextToken

N_LAYERS, N_SPEECH, N_TEXT = 3, 7, 4
N_ENTRIES = N_LAYERS + 2
TOKEN_S = 0.1
WORDS = ("one", " <two>", " three", " four")


@dataclass(frozen=True)
class Made:
    """What is measured with one similarity function along the argmax path, to be put together by `measured_of`.

    Attributes:
        curve: (N,).
        path: (N, Tt).
        monotonicity: (N,).
        aps_terms: (N,).
        null_curve: (M, N).
        null_aps_terms: (M, N).
        matrix: (N, Ts, Tt); None where none was kept.
        null_monotonicity: (K, N); None for none.
    """

    curve: np.ndarray
    path: np.ndarray
    monotonicity: np.ndarray
    aps_terms: np.ndarray
    null_curve: np.ndarray
    null_aps_terms: np.ndarray
    matrix: np.ndarray | None = None
    null_monotonicity: np.ndarray | None = None


def measured_of(made: Mapping[str, Made], consistency: np.ndarray) -> Measured:
    """What a default run measures, from its numbers by similarity function; in the order of a default run."""

    def nothing(values: np.ndarray) -> np.ndarray:
        return np.empty((0, len(values)), np.float32)

    layers = {name: LayerValues(Key("similarity", name), m.curve, m.null_curve) for name, m in made.items()}
    for name, m in made.items():
        shuffled = nothing(m.monotonicity) if m.null_monotonicity is None else m.null_monotonicity
        key = Key("monotonicity", name, DEFAULT_PATH)
        layers[f"monotonicity_{name}"] = LayerValues(key, m.monotonicity, shuffled)
    layers["path_consistency"] = LayerValues(Key("path_consistency"), consistency, nothing(consistency))
    for name, m in made.items():
        layers[f"aps_term_{name}"] = LayerValues(Key("aps", name, DEFAULT_PATH), m.aps_terms, m.null_aps_terms)
    return Measured(
        layers=layers,
        paths={path_name(name, DEFAULT_PATH): m.path for name, m in made.items()},
        matrices={name: m.matrix for name, m in made.items() if m.matrix is not None},
    )


def made_values(seed: int) -> Made:
    """Quantities of one similarity function; they do not follow from each other."""
    rng = np.random.default_rng(seed)

    def numbers(*shape: int) -> np.ndarray:
        return (seed + rng.random(shape)).astype(np.float32)

    path = rng.integers(0, N_SPEECH, (N_ENTRIES, N_TEXT))
    path[:, 2] = -1
    matrix = numbers(N_ENTRIES, N_SPEECH, N_TEXT)
    matrix[:, 5, 2] = np.nan
    return Made(
        curve=numbers(N_ENTRIES),
        path=path,
        monotonicity=numbers(N_ENTRIES),
        aps_terms=numbers(N_ENTRIES),
        null_curve=numbers(20, N_ENTRIES),
        null_aps_terms=numbers(20, N_ENTRIES),
        matrix=matrix,
        null_monotonicity=numbers(30, N_ENTRIES),
    )


def made_measured(cosine: int, euclidean: int, consistency: int) -> Measured:
    """All numbers of a similarity function, or of path consistency, lie between its seed and the next number."""
    return measured_of(
        {"cosine": made_values(cosine), "euclidean": made_values(euclidean)},
        (consistency + np.random.default_rng(consistency).random(N_ENTRIES)).astype(np.float32),
    )


def made_pair() -> PairResult:
    """Cosine values lie between 10 and 11, Euclidean ones between 20 and 21, so that no chart can mix them up."""
    return PairResult(
        provenance=_provenance(),
        name="made",
        transcript="".join(WORDS),
        samples=np.linspace(-0.5, 0.5, int(N_SPEECH * TOKEN_S * 16_000), dtype=np.float32),
        answers=Answers("heard", "read"),
        text_tokens=_tokens(),
        speech_spans_s=_spans_s(),
        measured=made_measured(10, 20, 30),
    )


def made_outcome(label: str, seed: int, condition: Condition | None = None) -> Outcome:
    """A run with its own numbers, beginning at the seed."""
    probabilities = (0.5 + seed / 1000, 0.2 + seed / 1000, 0.001)
    return Outcome(
        label=label,
        condition=condition,
        answer=label,
        pairs=(),
        undefined=(),
        target_logprob=-float(seed),
        top_tokens=tuple(
            NextToken(text, p) for text, p in zip(("yes", f"<{label}>", "rare"), probabilities, strict=True)
        ),
        kl_from_speech=0.0,
        measured=made_measured(seed, seed + 5, seed + 8),
    )


def made_intervention(condition: Condition) -> InterventionResult:
    """Text, speech and one edited run."""
    return InterventionResult(
        provenance=_provenance(),
        name="made",
        transcript="".join(WORDS),
        samples=np.zeros(16, dtype=np.float32),
        text_tokens=_tokens(),
        speech_spans_s=_spans_s(),
        expected=Expected(),
        target="read",
        outcomes=(
            made_outcome(TEXT, 40),
            made_outcome(SPEECH, 50),
            made_outcome("edited", 60, condition),
        ),
    )


def _tokens() -> tuple[TextToken, ...]:
    ends = np.cumsum([len(word) for word in WORDS]).tolist()
    return tuple(TextToken(word, end - len(word), end) for word, end in zip(WORDS, ends, strict=True))


def _spans_s() -> np.ndarray:
    starts = TOKEN_S * np.arange(N_SPEECH)
    return np.stack([starts, starts + TOKEN_S], axis=1)


def _provenance() -> Provenance:
    return Provenance("made", "0" * 16, "made", N_LAYERS, 8, 1000 * TOKEN_S, "cpu", "float32", "0..L", {})
