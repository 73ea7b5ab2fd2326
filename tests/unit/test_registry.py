"""Registries: names, what installed packages offer, and what is wrong with it."""

from __future__ import annotations

import importlib
import logging
import sys
from pathlib import Path

import pytest

from modgap_core.errors import ModGapError
from modgap_core.registry import OWN, REGISTERED, Registry, deferred


def offered(folder: Path, name: str, version: str, points: str, code: str = "") -> None:
    """An installed package: what pip leaves of one."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[example.numbers]\n{points}\n")
    (folder / f"{name}_code.py").write_text(code)


@pytest.fixture
def numbers() -> Registry[int]:
    """Whole numbers; those of ModGap are 1 and the recursion limit."""
    return Registry("number", "example.numbers", {"one": "tests.unit.test_registry:ONE"}, int)


ONE = 1


def test_own_registered_and_offered_entries_by_name(
    numbers: Registry[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(tmp_path, "two", "2.5", "two = two_code:TWO", "TWO = 2")
    monkeypatch.syspath_prepend(str(tmp_path))
    numbers.register("three", 3)
    assert numbers.names() == ["one", "three", "two"]
    assert [numbers.get(name) for name in numbers.names()] == [1, 3, 2]
    assert [numbers.origin(name) for name in numbers.names()] == [OWN, REGISTERED, "two 2.5"]
    assert numbers.own_names() == ["one"]
    assert "two" in numbers
    numbers.unregister("three")
    assert "three" not in numbers


def test_an_unknown_name_names_the_known_ones(numbers: Registry[int]) -> None:
    with pytest.raises(ModGapError, match=r"^Unknown number 'nine'; choose from one\.$"):
        numbers.get("nine")


def test_a_package_that_cannot_be_loaded_is_told_and_takes_nothing_with_it(
    numbers: Registry[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    offered(tmp_path, "bad", "1.0", "bad = bad_code:BAD", "raise RuntimeError('no luck')")
    offered(tmp_path, "word", "1.0", "word = word_code:WORD", "WORD = 'word'")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModGapError, match=r"'bad' of bad 1\.0 cannot be loaded \(RuntimeError: no luck\)"):
        numbers.get("bad")
    with pytest.raises(ModGapError, match=r"'word' of word 1\.0 cannot be used: it is a str and no int"):
        numbers.get("word")
    with caplog.at_level(logging.WARNING):
        assert list(numbers) == [1]
        assert list(numbers) == [1]
    assert len(caplog.records) == 2  # each is told once
    assert {offer.name: bool(offer.problem) for offer in numbers.offers()} == {"one": False, "bad": True, "word": True}


def test_a_package_does_not_take_the_place_of_modgaps_own(
    numbers: Registry[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(tmp_path, "thief", "1.0", "one = thief_code:ONE", "ONE = 11")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert numbers.get("one") == 1
    assert numbers.origin("one") == OWN
    refused = [(offer.origin, "the name is taken" in offer.problem) for offer in numbers.offers() if offer.problem]
    assert refused == [("thief 1.0", True)]


def test_what_is_not_of_the_kind_is_not_registered(numbers: Registry[int]) -> None:
    with pytest.raises(ModGapError, match="'half' cannot be registered: it is a float and no int"):
        numbers.register("half", 0.5)  # type: ignore[arg-type]
    with pytest.raises(ModGapError, match="cannot be called 'a b'"):
        numbers.register("a b", 2)


def test_packages_are_looked_for_again_when_asked(
    numbers: Registry[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert numbers.names() == ["one"]
    offered(tmp_path, "later", "1.0", "later = later_code:LATER", "LATER = 4")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    assert numbers.names() == ["one"]
    numbers.rescan()
    assert numbers.get("later") == 4


def test_a_deferred_function_imports_when_it_is_called() -> None:
    sys.modules.pop("colorsys", None)
    function = deferred("colorsys:rgb_to_hls")
    assert "colorsys" not in sys.modules
    assert function(1.0, 1.0, 1.0)[1] == 1.0
    assert function.__name__ == "rgb_to_hls"
