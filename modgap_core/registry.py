"""Open points: what can be added to ModGap, by name, from inside or from another package.

A registry holds the entries of one kind: those of ModGap, those that a program registers, and those that installed
packages offer as Python entry points. Nothing is imported before it is asked for.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar

from modgap_core.errors import ModGapError

T = TypeVar("T")
OWN = "modgap"
"""Where ModGap's own entries come from."""
REGISTERED = "this program"
"""Where entries come from that `Registry.register` was given."""
_LOG = logging.getLogger(__name__)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Offer:
    """An entry of a registry as ``modgap list`` shows it.

    Attributes:
        name: of the entry.
        origin: ``modgap``, ``this program``, or the package that offers it, with its version.
        problem: why it cannot be used; empty where it can.
        entry: the entry; None where there is a problem.
    """

    name: str
    origin: str
    problem: str
    entry: Any


class Registry(Generic[T]):
    """The entries of one kind, by name.

    Args:
        kind: what an entry is, for people: ``similarity function``.
        group: of the entry points, such as ``modgap.similarities``.
        built_in: ModGap's own entries, each as ``module:attribute``.
        must_be: class of the entries; None where they need no common one.
        problem_of: says what else is wrong with an entry; empty where nothing is.

    Example:
        >>> colours: Registry[str] = Registry("colour", "example.colours", {})
        >>> colours.register("blue", "#0072B2")
        >>> colours.get("blue"), colours.names()
        ('#0072B2', ['blue'])
    """

    def __init__(
        self,
        kind: str,
        group: str,
        built_in: Mapping[str, str],
        must_be: type[Any] | None = None,
        problem_of: Callable[[Any], str] = lambda _: "",
    ) -> None:
        self.kind, self.group = kind, group
        self._built_in, self._must_be, self._problem_with = dict(built_in), must_be, problem_of
        self._registered: dict[str, T] = {}
        self._loaded: dict[str, T] = {}
        self._warned: set[str] = set()

    def register(self, name: str, entry: T) -> None:
        """Add an entry in this process, or put it in the place of one of the same name.

        A package that others install offers its entries as entry points instead: those are found by the command line,
        the app and Ray's workers too.

        Raises:
            ModGapError: the entry is not of this kind, or the name is no name.
        """
        if not _NAME.fullmatch(name):
            raise ModGapError(f"A {self.kind} cannot be called {name!r}; use letters, digits, '_', '-' and '.'.")
        if problem := self._problem_of(entry):
            raise ModGapError(f"The {self.kind} {name!r} cannot be registered: {problem}.")
        self._registered[name] = entry

    def unregister(self, name: str) -> None:
        """Take back what `register` added."""
        self._registered.pop(name, None)

    def _problem_of(self, entry: Any) -> str:
        if self._must_be is not None and not isinstance(entry, self._must_be):
            return f"it is a {type(entry).__name__} and no {self._must_be.__name__}"
        return self._problem_with(entry)

    def own_names(self) -> list[str]:
        """Those of ModGap itself: what a run does by default must not depend on what else is installed."""
        return list(self._built_in)

    def names(self) -> list[str]:
        """All, ModGap's own first."""
        return list(dict.fromkeys((*self._built_in, *self._registered, *self._plugins)))

    def __contains__(self, name: object) -> bool:
        return name in self._built_in or name in self._registered or name in self._plugins

    def __iter__(self) -> Iterator[T]:
        """The entries that can be used; of one that cannot, a warning is logged once."""
        for offer in self.offers():
            if not offer.problem:
                yield offer.entry
            elif offer.problem not in self._warned:
                self._warned.add(offer.problem)
                _LOG.warning("%s", offer.problem)

    def get(self, name: str) -> T:
        """The entry of this name.

        Raises:
            ModGapError: there is none, or the package that offers it cannot be used.
        """
        if name in self._registered:
            return self._registered[name]
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def _load(self, name: str) -> T:
        if name in self._built_in:
            module, _, attribute = self._built_in[name].partition(":")
            found: T = getattr(import_module(module), attribute)
            return found
        if name not in self._plugins:
            known = ", ".join(self.names()) or "none is there"
            raise ModGapError(f"Unknown {self.kind} {name!r}; choose from {known}.")
        point = self._plugins[name]
        try:
            entry = point.load()
        except Exception as error:  # whatever another package's import raises is its own
            raise ModGapError(
                f"The {self.kind} {name!r} of {_origin(point)} cannot be loaded ({type(error).__name__}: {error}); "
                "mend or uninstall that package."
            ) from error
        if problem := self._problem_of(entry):
            raise ModGapError(f"The {self.kind} {name!r} of {_origin(point)} cannot be used: {problem}.")
        return entry  # type: ignore[no-any-return]

    def offers(self) -> list[Offer]:
        """Every entry, usable or not; also those that an installed package offers under a name that is taken."""
        found = []
        for name in self.names():
            try:
                entry, problem = self.get(name), ""
            except ModGapError as error:
                entry, problem = None, str(error)
            found.append(Offer(name, self.origin(name), problem, entry))
        for point in self._points:
            if self._plugins.get(point.name) is not point:
                problem = f"The {self.kind} {point.name!r} of {_origin(point)} is not used: the name is taken."
                found.append(Offer(point.name, _origin(point), problem, None))
        return found

    def rescan(self) -> None:
        """Look for installed packages again; they are looked for once in a process."""
        self.__dict__.pop("_points", None)
        self.__dict__.pop("_plugins", None)
        self._loaded = {name: entry for name, entry in self._loaded.items() if name in self._built_in}

    def origin(self, name: str) -> str:
        """Where an entry comes from."""
        if name in self._registered:
            return REGISTERED
        return OWN if name in self._built_in else _origin(self._plugins[name])

    @cached_property
    def _points(self) -> list[EntryPoint]:
        return list(entry_points(group=self.group))

    @cached_property
    def _plugins(self) -> dict[str, EntryPoint]:
        """By name; the first package that offers it, unless it is ModGap's own."""
        found: dict[str, EntryPoint] = {}
        for point in self._points:
            if point.name not in self._built_in:
                found.setdefault(point.name, point)
        return found


def _origin(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.module


def deferred(place: str) -> Callable[..., Any]:
    """A function that is imported when it is called first, so that a declaration needs none of what it computes with.

    Args:
        place: ``module:function``.

    Example:
        >>> deferred("math:hypot")(3.0, 4.0)
        5.0
    """
    module, _, name = place.partition(":")

    def call(*arguments: Any, **named: Any) -> Any:
        return getattr(import_module(module), name)(*arguments, **named)

    call.__name__ = call.__qualname__ = name
    return call
