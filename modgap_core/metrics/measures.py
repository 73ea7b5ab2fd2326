"""What is measured of a pair: similarity functions, paths and quantities, chosen by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from modgap_core.errors import ModGapError
from modgap_core.metrics.path import DEFAULT_PATH, PATHS
from modgap_core.metrics.quantity import OF_PAIRS, QUANTITIES, Cost, Each, Level, Need, Quantity
from modgap_core.metrics.similarity import SIMILARITIES

DEFAULT, EVERYTHING = "default", "all"


@dataclass(frozen=True, order=True)
class Key:
    """One number: a quantity under a similarity function and along a path, as far as it depends on them."""

    quantity: str
    similarity: str = ""
    path: str = ""


def default_quantities() -> tuple[str, ...]:
    """ModGap's own that are cheap: a default run is the same whatever else is installed."""
    return tuple(name for name in OF_PAIRS if QUANTITIES.get(name).cost == Cost.CHEAP)


@dataclass(frozen=True)
class Measures:
    """What is measured of a pair.

    Attributes:
        similarities: names of similarity functions.
        paths: names of paths.
        quantities: names of quantities; empty for those of a default run.

    Raises:
        ModGapError: a name is unknown, stands twice, or a list is empty.

    Example:
        >>> Measures(similarities=("cosine",)).quantities
        ('similarity', 'monotonicity', 'path_consistency', 'aps')
    """

    similarities: tuple[str, ...] = ("cosine", "euclidean")
    paths: tuple[str, ...] = (DEFAULT_PATH,)
    quantities: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "quantities", tuple(self.quantities) or default_quantities())
        for what, names in (("similarity function", self.similarities), ("path", self.paths)):
            if not names or len(set(names)) < len(names):
                raise ModGapError(f"The {what}s are {', '.join(names) or 'none'}; name each once, and at least one.")
        for name in self.similarities:
            SIMILARITIES.get(name)
        for name in self.paths:
            PATHS.get(name)
        for quantity in self.chosen:
            if quantity.level == Level.CORPUS:
                raise ModGapError(
                    f"The quantity {quantity.name!r} is one of a whole run and is always in its tables; leave it out."
                )

    @classmethod
    def parse(cls, quantities: str = "", similarities: Iterable[str] = (), paths: Iterable[str] = ()) -> Measures:
        """From the command line.

        Args:
            quantities: names between commas; ``default`` and ``all`` stand for several.
            similarities: names; empty for cosine and euclidean.
            paths: names; empty for argmax.

        Example:
            >>> Measures.parse("default", ["cosine"]).similarities
            ('cosine',)
        """
        named: list[str] = []
        for name in (part.strip() for part in quantities.split(",") if part.strip()):
            if name == EVERYTHING:
                named += [q.name for q in QUANTITIES if q.level != Level.CORPUS]
            else:
                named += default_quantities() if name == DEFAULT else [name]
        standard = cls()
        return cls(
            tuple(similarities) or standard.similarities, tuple(paths) or standard.paths, tuple(dict.fromkeys(named))
        )

    @cached_property
    def chosen(self) -> tuple[Quantity, ...]:
        """The quantities themselves."""
        return tuple(QUANTITIES.get(name) for name in self.quantities)

    @property
    def matrices(self) -> tuple[str, ...]:
        """Similarity functions whose matrices are needed: the chosen ones, and those that a quantity names."""
        named = (name for quantity in self.chosen for name in quantity.similarities)
        return tuple(dict.fromkeys((*self.similarities, *named)))

    def keys_of(self, *levels: Level) -> list[Key]:
        """Every number of quantities at these levels, or at any."""
        found: list[Key] = []
        for quantity in self.chosen:
            if not levels or quantity.level in levels:
                found += [Key(quantity.name, *where) for where in self._places(quantity)]
        return found

    def _places(self, quantity: Quantity) -> list[tuple[str, str]]:
        if quantity.each == Each.PAIR:
            return [("", "")]
        if quantity.each == Each.SIMILARITY:
            return [(name, "") for name in self.similarities]
        return [(name, path) for path in self.paths for name in self.similarities]

    def needs(self, need: Need) -> bool:
        """Whether a chosen quantity needs it."""
        return any(need in quantity.needs for quantity in self.chosen)
