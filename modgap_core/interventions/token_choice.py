"""Which speech tokens an intervention changes, and which text token each is turned to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modgap_core.errors import InterventionError

ALL, BOTTOM, PICKED, RANDOM, SPAN = "all", "bottom", "picked", "random", "span"
_KINDS = (BOTTOM, ALL, PICKED, RANDOM, SPAN)


@dataclass(frozen=True)
class TokenPair:
    """A speech token and the text token it is turned to.

    Attributes:
        speech: i.
        text: j.
        score: A[i, j], the alignment score; NaN is undefined.
    """

    speech: int
    text: int
    score: float


@dataclass(frozen=True)
class TokenChoice:
    """Which tokens.

    Attributes:
        kind: ``bottom`` (the k path tokens with the lowest score), ``all`` (every path token), ``picked``
            (by number), ``random`` (as many as ``bottom`` takes, anywhere in the span), ``span`` (all).
        k: for bottom and random.
        picked: numbers of speech tokens.
        seed: for random.
    """

    kind: str = BOTTOM
    k: int = 3
    picked: tuple[int, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise InterventionError(f"Unknown choice of tokens {self.kind!r}; choose from {', '.join(_KINDS)}.")
        if self.kind in (BOTTOM, RANDOM) and self.k < 1:
            raise InterventionError(f"k is {self.k}; at least one token has to be changed.")
        if self.kind == PICKED and not self.picked:
            raise InterventionError("No speech token is picked; pick at least one, or choose bottom:3 or all.")

    @property
    def label(self) -> str:
        """As on the command line.

        >>> TokenChoice("picked", picked=(4, 7)).label
        'picked:4,7'
        """
        if self.kind in (BOTTOM, RANDOM):
            return f"{self.kind}:{self.k}" + (f"@{self.seed}" if self.seed else "")
        return f"{PICKED}:{','.join(map(str, self.picked))}" if self.kind == PICKED else self.kind

    @classmethod
    def parse(cls, text: str) -> TokenChoice:
        """From ``bottom:3``, ``all``, ``random:3`` (``random:3@7`` with the seed 7), ``picked:4,7`` or ``span``.

        >>> TokenChoice.parse("bottom:5").k
        5
        """
        kind, _, rest = text.partition(":")
        rest, _, seed = rest.partition("@")
        try:
            seed_number = int(seed or 0)
            numbers = tuple(int(part) for part in rest.split(",") if part.strip())
        except ValueError as error:
            raise InterventionError(
                f"{text!r} holds no whole numbers after the colon; write bottom:3 or picked:4,7."
            ) from error
        if kind in (BOTTOM, RANDOM) and len(numbers) > 1:
            raise InterventionError(f"{text!r} has several numbers; {kind} takes one, as in {kind}:3.")
        return cls(
            kind,
            k=numbers[0] if kind in (BOTTOM, RANDOM) and numbers else 3,
            picked=numbers if kind == PICKED else (),
            seed=seed_number,
        )


def choose_tokens(
    choice: TokenChoice, scores: NDArray[np.floating], path: NDArray[np.integer]
) -> tuple[TokenPair, ...]:
    """The chosen speech tokens, the worst aligned first.

    Where several text tokens share a speech token, it is turned to the one with the best score. A token
    that is not on the path is turned to its own best text token. k above the path's length takes all.

    Args:
        choice: which.
        scores: (Ts, Tt) cosine similarity, of one layer or the mean over layers.
        path: (Tt,) the alignment path of these scores.

    Returns:
        Pairs with different speech tokens; empty if the path is.

    Raises:
        InterventionError: a picked token is outside the span.
    """
    on_path = path_pairs(scores, path)
    if choice.kind == ALL:
        return on_path
    if choice.kind == BOTTOM:
        return on_path[: choice.k]
    n_speech = scores.shape[0]
    if choice.kind == RANDOM:
        numbers = np.random.default_rng(choice.seed).permutation(n_speech)[: min(choice.k, len(on_path))].tolist()
    else:
        numbers = list(choice.picked) if choice.kind == PICKED else list(range(n_speech))
    if outside := [i for i in numbers if not 0 <= i < n_speech]:
        raise InterventionError(f"There is no speech token {outside[0]}; this clip has the tokens 0 to {n_speech - 1}.")
    known = {pair.speech: pair for pair in on_path}
    return _sorted([known.get(i) or _best_partner(scores, i) for i in dict.fromkeys(numbers)])


def path_pairs(scores: NDArray[np.floating], path: NDArray[np.integer]) -> tuple[TokenPair, ...]:
    """One pair for each different speech token of a path (Tt,), worst first."""
    best: dict[int, TokenPair] = {}
    for text, speech in enumerate(path.tolist()):
        if speech < 0:
            continue
        pair = TokenPair(speech, text, float(scores[speech, text]))
        if speech not in best or pair.score > best[speech].score:
            best[speech] = pair
    return _sorted(list(best.values()))


def _best_partner(scores: NDArray[np.floating], speech: int) -> TokenPair:
    row = np.where(np.isnan(scores[speech]), -np.inf, scores[speech])
    text = int(row.argmax())
    return TokenPair(speech, text, float(scores[speech, text]))


def _sorted(pairs: list[TokenPair]) -> tuple[TokenPair, ...]:
    return tuple(sorted(pairs, key=lambda pair: (np.nan_to_num(pair.score, nan=np.inf), pair.speech)))
