"""Quantities: what is measured between speech and text, each declared once.

From a declaration follow its columns and their documentation, tables, report, app, command line, regressions and the z
against its null. Packages add theirs as entry points ``modgap.metrics``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from modgap_core.errors import ModGapError
from modgap_core.metrics.path import DEFAULT_PATH
from modgap_core.metrics.similarity import Similarity, as_similarity
from modgap_core.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Level(StrEnum):
    """Of what a quantity is a number."""

    LAYER = "layer"
    """One number at each layer; over the layers it comes to one number of the pair."""
    TOKEN = "token"
    """One number for each text token at each layer; their mean is that of the layer."""
    PAIR = "pair"
    """One number of a pair."""
    CORPUS = "corpus"
    """One number of a run over many pairs."""


class Need(StrEnum):
    """What has to be at hand to compute a quantity."""

    STATES = "states"
    MATRIX = "matrix"
    PATH = "path"
    LOGITS = "logits"
    """Log-probabilities of the first answer token, after speech and after text: a prefill more for each."""
    WORD_TIMES = "word times"
    """When each word is said; given with a clip."""


class Null(StrEnum):
    """What the same quantity is computed for where nothing belongs together."""

    NONE = "none"
    MISMATCHED = "mismatched pairs"
    """This speech with other transcripts, and this transcript with other clips."""
    SHUFFLED = "shuffled token order"
    """This pair with its text tokens in random orders; of one pair only, not of a corpus."""


class Better(StrEnum):
    """Which direction is better alignment."""

    HIGHER = "higher"
    LOWER = "lower"
    AS_SIMILARITY = "as the similarity function"
    NEITHER = "neither"


class Each(StrEnum):
    """For what a quantity exists once."""

    PAIR = "pair"
    SIMILARITY = "similarity function"
    PATH = "similarity function and path"


class Cost(StrEnum):
    """How much a quantity adds to a run; a default run computes what is cheap."""

    CHEAP = "cheap"
    MODERATE = "moderate"
    COSTLY = "costly"


@dataclass(frozen=True)
class Quantity:
    """One quantity.

    Attributes:
        name: the key; of its column too, with the similarity function behind it.
        title: for axes and tables.
        symbol: as in formulas.
        level: of what it is a number.
        sentence: what it says, for people.
        source: section, equation or paper.
        compute: for a layer or a token: ``compute(view, similarity, path)`` with a
            `modgap_core.states.layer_view.LayerView`; for a pair: ``compute(pair)`` with a
            `modgap_core.results.pair_view.PairView`; for a corpus: ``compute(run)`` with a `ScoredRun`. NaN is
            undefined.
        each: for what it exists once; then similarity or path of the view's call are set.
        unit: empty where it has none.
        range: least and largest value; None where there is no bound.
        better: which direction is better alignment.
        needs: what has to be at hand.
        null: what it is compared with.
        cost: see `Cost`.
        over_layers: of layers 0..L, (..., L + 1) to (...,): what they come to for the pair.
        over_layers_words: the same in words, behind the title.
        layer_name: name of the layer's value where it has one of its own, as the terms of a score have.
        layer_title: likewise.
        batched: ``compute`` takes views with leading axes; else it is called for one pair at a time.
        shuffled: a quicker way to the shuffled null: a path (..., Tt) and a number of orders to (n, ...).
        similarities: similarity functions that it needs by name, whatever else is chosen.

    Raises:
        ModGapError: the declaration contradicts itself.
    """

    name: str
    title: str
    symbol: str
    level: Level
    sentence: str
    source: str
    compute: Callable[..., Any]
    each: Each = Each.PAIR
    unit: str = ""
    range: tuple[float | None, float | None] = (None, None)
    better: Better = Better.NEITHER
    needs: frozenset[Need] = frozenset()
    null: Null = Null.NONE
    cost: Cost = Cost.CHEAP
    over_layers: Callable[[NDArray[Any]], NDArray[Any]] | None = None
    over_layers_words: str = ""
    layer_name: str = ""
    layer_title: str = ""
    batched: bool = False
    shuffled: Callable[..., Any] | None = None
    similarities: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if problem := self._contradiction():
            raise ModGapError(f"The quantity {self.name!r} cannot be declared so: {problem}.")

    def _contradiction(self) -> str:
        if self.is_by_layer and self.over_layers is None:
            return f"at the level {self.level} it needs over_layers, which says what the layers come to"
        if not self.is_by_layer and (self.null != Null.NONE or self.each != Each.PAIR):
            return f"at the level {self.level} it has no null and exists once"
        if self.better == Better.AS_SIMILARITY and self.each == Each.PAIR:
            return "which direction is better can only follow the similarity function where each is not the pair"
        if self.level != Level.PAIR and self.needs & {Need.LOGITS, Need.WORD_TIMES}:
            return "logits and word times are of a pair"
        return ""

    def __str__(self) -> str:
        return self.name

    @property
    def is_by_layer(self) -> bool:
        """Whether it has a value at each layer."""
        return self.level in (Level.LAYER, Level.TOKEN)

    def column(self, function: str = "", path: str = "") -> str:
        """Of the pair's number in tables.

        >>> QUANTITIES.get("aps").column("cosine", "argmax"), QUANTITIES.get("similarity").column("cosine")
        ('aps_cosine', 'cosine_similarity')
        """
        if self.name == SIMILARITY_SCORE:
            return as_similarity(function).column
        return _joined(self.name, function, path)

    def layer_column(self, function: str = "", path: str = "") -> str:
        """Of the layers' numbers in tables.

        >>> QUANTITIES.get("aps").layer_column("cosine", "argmax"), QUANTITIES.get("similarity").layer_column("cosine")
        ('aps_term_cosine', 'cosine')
        """
        return function if self.name == SIMILARITY_SCORE else _joined(self.layer_name or self.name, function, path)

    def higher_is_better(self, function: str = "") -> bool | None:
        """Which direction is better; None where neither is."""
        if self.better == Better.AS_SIMILARITY:
            return as_similarity(function).higher_is_better
        return {Better.HIGHER: True, Better.LOWER: False}.get(self.better)

    def title_of(self, function: str = "", path: str = "", layer: bool = False) -> str:
        """With the similarity function and the path that it is of.

        >>> QUANTITIES.get("aps").title_of("euclidean", "argmax")
        'Alignment Path Score, euclidean'
        """
        if self.name == SIMILARITY_SCORE:
            found: Similarity = as_similarity(function)
            return f"{found.title[0].upper()}{found.title[1:]} of mean-pooled states"
        title = (self.layer_title if layer else "") or self.title
        return ", ".join([title, *filter(None, (function, "" if path == DEFAULT_PATH else path))])


SIMILARITY_SCORE = "similarity"
"""The one quantity whose columns are named by the similarity function alone."""


def _joined(name: str, function: str, path: str) -> str:
    return "_".join([name, *filter(None, (function, "" if path == DEFAULT_PATH else path))])


OF_PAIRS = {
    "similarity": "modgap_core.metrics.similarity_score:SIMILARITY",
    "monotonicity": "modgap_core.metrics.monotonicity:MONOTONICITY",
    "path_consistency": "modgap_core.metrics.path_consistency:PATH_CONSISTENCY",
    "aps": "modgap_core.metrics.alignment_path_score:APS",
}
"""ModGap's own, of layers, tokens and pairs."""
_OF_RUNS = {
    "gap": "modgap_core.corpus.read.run_quantities:GAP",
    "relative_gap": "modgap_core.corpus.read.run_quantities:RELATIVE_GAP",
    "mrr": "modgap_core.corpus.read.run_quantities:MRR",
}
QUANTITIES: Registry[Quantity] = Registry("quantity", "modgap.metrics", OF_PAIRS | _OF_RUNS, Quantity)
