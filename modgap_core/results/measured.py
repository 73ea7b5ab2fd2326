"""Everything measured between a speech span and a text span, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modgap_core.errors import ModGapError
from modgap_core.metrics import (
    DEFAULT_PATH,
    QUANTITIES,
    SIMILARITIES,
    Key,
    Quantity,
    Similarity,
    as_similarity,
    layers_0_to_l,
    z_score,
)
from modgap_core.results.comparing import ByContent
from modgap_core.results.similarity_values import SimilarityValues

Array = NDArray[np.float32]
Paths = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Told:
    """What a saved result tells of a quantity, so that it opens where the quantity's package is not installed.

    Attributes:
        title: with the similarity function and the path.
        column: of the pair's number in tables.
        unit: of its values.
        sentence: what it says.
        higher_is_better: None where neither direction is.
        over_layers: the pair's number, with layer L before and after the final norm.
    """

    title: str
    column: str
    unit: str
    sentence: str
    higher_is_better: bool | None
    over_layers: tuple[float, float] = (np.nan, np.nan)


@dataclass(frozen=True, eq=False)
class LayerValues(ByContent):
    """One quantity at every layer.

    N = L + 2 entries: layers 0..L, then layer L after the final norm. NaN means undefined. The methods take layer L
    before the final norm unless told otherwise.

    Attributes:
        key: quantity, similarity function and path.
        values: (N,).
        null: (M, N) for M pairs that do not belong together, or M random orders of the text tokens; (0, N) for none.
        tokens: (N, Tt) of a quantity of tokens, whose mean the values are; else None.
        told: of a loaded result whose quantity is not installed.
    """

    key: Key
    values: Array
    null: Array
    tokens: Array | None = None
    told: Told | None = field(default=None, compare=False)

    @property
    def quantity(self) -> Quantity | None:
        """Its declaration; None where the package that declares it, or its similarity function, is not installed."""
        named = self.key.similarity
        is_known = self.key.quantity in QUANTITIES and (not named or named in SIMILARITIES)
        return QUANTITIES.get(self.key.quantity) if is_known else None

    @property
    def title(self) -> str:
        """For axes and tables."""
        if (quantity := self.quantity) is not None:
            return quantity.title_of(self.key.similarity, self.key.path)
        return self.told.title if self.told else self.key.quantity

    @property
    def column(self) -> str:
        """Of the pair's number in tables."""
        if (found := self.quantity) is not None:
            return found.column(self.key.similarity, self.key.path)
        path = "" if self.key.path == DEFAULT_PATH else self.key.path
        return self.told.column if self.told else "_".join(filter(None, (self.key.quantity, self.key.similarity, path)))

    @property
    def higher_is_better(self) -> bool | None:
        """Which direction is better alignment; None where neither is."""
        if (quantity := self.quantity) is not None:
            return quantity.higher_is_better(self.key.similarity)
        return self.told.higher_is_better if self.told else None

    def over_layers(self, after_norm: bool = False) -> float:
        """The pair's number."""
        if (quantity := self.quantity) is None or quantity.over_layers is None:
            return self.told.over_layers[after_norm] if self.told else np.nan
        return float(quantity.over_layers(layers_0_to_l(self.values, after_norm)))

    def null_over_layers(self, after_norm: bool = False) -> Array:
        """(M,) the same of the null."""
        if (quantity := self.quantity) is None or quantity.over_layers is None:
            return np.full(len(self.null), np.nan, np.float32)
        return np.asarray(quantity.over_layers(layers_0_to_l(self.null, after_norm)), dtype=np.float32)

    def z_score(self, after_norm: bool = False) -> float | None:
        """How many standard deviations of the null it lies above the null's mean; None where that is undefined."""
        return z_score(self.over_layers(after_norm), self.null_over_layers(after_norm))


@dataclass(frozen=True, eq=False)
class Measured(ByContent):
    """All of it.

    Attributes:
        layers: quantities of layers and tokens, by the column of the layer's value (`Quantity.layer_column`).
        matrices: (N, Ts, Tt) A_l by similarity function (paper, section 5.1); empty where none was kept, as in a
            corpus.
        paths: (N, Tt) alignment paths by `path_name`; -1 means that the text token has no partner.
        pair: quantities of the pair alone, by column.
    """

    layers: Mapping[str, LayerValues]
    paths: Mapping[str, Paths]
    matrices: Mapping[str, Array] = field(default_factory=dict)
    pair: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def similarities(self) -> tuple[str, ...]:
        """Names of the similarity functions."""
        return tuple(dict.fromkeys(name.partition(".")[0] for name in self.paths))

    @cached_property
    def path_names(self) -> tuple[str, ...]:
        """Names of the paths."""
        return tuple(dict.fromkeys(name.partition(".")[2] for name in self.paths))

    def higher_is_better(self, similarity: str) -> bool:
        """Which end of a similarity function is best, also where its package is not installed."""
        found = [v.higher_is_better for v in self.layers.values() if v.key == Key("similarity", similarity)]
        return found[0] is not False if found else as_similarity(similarity).higher_is_better

    def values(self, similarity: str | Similarity, path: str = DEFAULT_PATH) -> SimilarityValues:
        """The quantities of one similarity function and path.

        Raises:
            ModGapError: there is no such function or path, or it was not measured.
        """
        name, places = str(similarity), (str(similarity), path)
        if name not in self.similarities:
            known = as_similarity(name).name if name in SIMILARITIES else SIMILARITIES.get(name).name
            raise ModGapError(
                f"The similarity function {known!r} was not measured; here are {', '.join(self.similarities)}."
            )
        if path not in self.path_names:
            raise ModGapError(f"There is no path {path!r} here, but {', '.join(self.path_names)}.")
        return SimilarityValues(self, *places)

    def layer_values(self, quantity: str, similarity: str = "", path: str = "") -> LayerValues:
        """A quantity at every layer.

        Raises:
            ModGapError: it is unknown, or was not measured.
        """
        found = QUANTITIES.get(quantity)
        column = found.layer_column(similarity, path)
        if column not in self.layers:
            raise ModGapError(
                f"{found.title_of(similarity, path)} was not measured; here are {', '.join(self.layers)}."
            )
        return self.layers[column]


def path_name(similarity: str, path: str) -> str:
    """Where a path stands among `Measured.paths`.

    >>> path_name("cosine", "argmax")
    'cosine.argmax'
    """
    return f"{similarity}.{path}"
