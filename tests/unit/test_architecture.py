"""The folders import each other in one direction, and docs/architecture.svg shows it as it is."""

from __future__ import annotations

import ast
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools.architecture import DEEPER, PICTURE, ROOT, Import, folder_graph, imports_between, picture, read_imports
from tools.floor_plan import circles, drawn, floor_of

IMPORTS = read_imports()


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def lines(found: list[Import]) -> str:
    return "; ".join(f"{each.importer} imports {each.imported}" for each in found)


def test_the_picture_is_current() -> None:
    is_current = PICTURE.read_text(encoding="utf-8") == picture(IMPORTS)
    assert is_current, "docs/architecture.svg is not what the imports give; run: python -m tools.architecture"


def test_no_folders_import_each_other_in_a_circle() -> None:
    found = [line for circle in circles(folder_graph(IMPORTS)) for line in imports_between(IMPORTS, circle)]
    assert not found, f"move what both need into a folder below both, so that one of these goes: {'; '.join(found)}"


def test_the_core_does_not_know_the_app() -> None:
    found = [each for each in IMPORTS if within(each.importer, "modgap_core") and within(each.imported, "dashboard")]
    assert not found, f"move it into modgap_core, or give it to the core as an argument: {lines(found)}"
    for path in sorted((ROOT / "modgap_core").rglob("*.py")):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        names = {name for node in nodes for name in _names(node)}
        assert "streamlit" not in names, f"{path.relative_to(ROOT)} imports streamlit; move that part to dashboard/"


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    return [str(node.module).partition(".")[0]] if isinstance(node, ast.ImportFrom) else []


@pytest.mark.parametrize(
    ("importers", "imported", "instead"),
    [
        (("modgap_core", "dashboard"), "recipes", "what both need belongs into modgap_core; recipes are not installed"),
        (("modgap_core", "dashboard"), "modgap_core.cli", "move it out of cli/, which only reads options and prints"),
        (("modgap_core.models",), "modgap_core.states", "models give states; what is done with them stands above"),
        (("modgap_core.models",), "modgap_core.results", "let the caller make the result of what the model returns"),
        (
            ("modgap_core.metrics", "modgap_core.statistics", "modgap_core.scoring"),
            "modgap_core.models",
            "give the function tensors, arrays or texts, not a model",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith(("modgap", "recipes")) else "",
)
def test_what_must_not_be_imported(importers: tuple[str, ...], imported: str, instead: str) -> None:
    found = [
        each
        for each in IMPORTS
        if any(within(each.importer, name) for name in importers)
        and within(each.imported, imported)
        and not within(each.importer, imported)
    ]
    assert not found, f"{instead}: {lines(found)}"


def test_an_import_is_found_wherever_it_stands(tmp_path: Path) -> None:
    folder = tmp_path / "modgap_core" / "corpus" / "read"
    folder.mkdir(parents=True)
    for name in ("dashboard", "recipes"):
        (tmp_path / name).mkdir()
    (folder / "one.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import modgap_core.three\n"
        "from modgap_core import errors\nclass A:\n    def f(self):\n        from modgap_core.two import x\n"
    )
    for name in ("errors", "two", "three"):
        (tmp_path / "modgap_core" / f"{name}.py").write_text("")
    one = f"{DEEPER}.read.one"
    found = read_imports(tmp_path)
    assert found == [Import(one, "modgap_core.errors"), Import(one, "modgap_core.two", later=True)]
    assert folder_graph(found) == {"modgap_core/corpus/read": {"modgap_core/*.py"}, "modgap_core/*.py": set()}


def test_the_picture_stacks_boxes_that_do_not_overlap() -> None:
    graph = {"a": {"b", "e"}, "b": {"c", "d"}, "c": {"e"}, "d": {"e"}, "e": set()}
    assert floor_of(graph) == {"e": 0, "c": 1, "d": 1, "b": 2, "a": 3}
    assert circles({"a": {"b"}, "b": {"a"}, "c": {"a"}}) == [("a", "b")]
    for source in (drawn(graph, {}, "title"), PICTURE.read_text(encoding="utf-8")):
        svg = ElementTree.fromstring(source)
        boxes = [each.attrib for each in svg.findall("{http://www.w3.org/2000/svg}rect")[1:]]
        sides = [(float(b["x"]), float(b["x"]) + float(b["width"]), float(b["y"])) for b in boxes]
        for i, (left, right, y) in enumerate(sides):
            assert all(y != other[2] or right < other[0] or other[1] < left for other in sides[:i])
        assert float(svg.attrib["font-size"]) >= 11
