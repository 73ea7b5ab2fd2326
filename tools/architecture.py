"""The picture of the folders and of what they import, read off the sources: ``python -m tools.architecture``.

Writes ``docs/architecture.svg``; with ``--check`` it writes nothing and exits with 1 where the picture there is not
what the imports give. It also prints the circles between folders, of which there should be none, and how many imports
wait inside functions, which the picture leaves out.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.floor_plan import Graph, circles, drawn

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "architecture.svg"
PACKAGES = ("modgap_core", "dashboard", "recipes")
DEEPER = "modgap_core.corpus"
"""A folder whose own folders are boxes of their own."""
GROUND = "modgap_core/*.py"
"""One box for the files beside the folders of modgap_core that import no folder."""


@dataclass(frozen=True, order=True)
class Import:
    """One import of one module by another.

    Attributes:
        importer: module, with its dots.
        imported: likewise.
        later: it stands inside a function, and happens when that is called.
    """

    importer: str
    imported: str
    later: bool = False


def read_imports(root: Path = ROOT) -> list[Import]:
    """Every import between the modules of the packages, but for those that only type checkers see."""
    modules = {_module(path.relative_to(root)): path for name in PACKAGES for path in (root / name).rglob("*.py")}
    found = set()
    for name, path in modules.items():
        for node, later in _import_nodes(ast.parse(path.read_text(encoding="utf-8")), later=False):
            found |= {Import(name, module, later) for module in _imported(node, modules) if module != name}
    return sorted(found)


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _import_nodes(node: ast.AST, later: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, later
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _import_nodes(child, later or inside)


def _imported(node: ast.Import | ast.ImportFrom, modules: Mapping[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in modules)
        return
    for alias in node.names:
        whole = f"{node.module}.{alias.name}"
        if (found := whole if whole in modules else str(node.module)) in modules:
            yield found


def folder_graph(imports: list[Import]) -> Graph:
    """The folders, each with those that it imports."""
    modules = sorted({name for each in imports for name in (each.importer, each.imported)})
    folder = _folders(modules, imports)
    graph: dict[str, set[str]] = {folder[name]: set() for name in modules}
    for each in imports:
        one, other = folder[each.importer], folder[each.imported]
        if one != other and not each.later:
            graph[one].add(other)
    return graph


def _folders(modules: list[str], imports: list[Import]) -> dict[str, str]:
    """The box of each module: its folder, or the file itself where it lies beside the folders."""
    packages = {name.rpartition(".")[0] for name in modules}
    box = {}
    for name in modules:
        depth = 3 if name.startswith(f"{DEEPER}.") else 2
        parts = name.split(".")
        is_file = len(parts) <= depth and name not in packages
        box[name] = "/".join(parts[:depth]) + (".py" if is_file else "")
    beside = {name for name in modules if box[name].startswith("modgap_core/") and box[name].count("/") == 1}
    ground = {name for name in beside if box[name].endswith(".py")}
    while leaving := {each.importer for each in imports if each.importer in ground and _leaves(each, ground)}:
        ground -= leaving
    return {name: GROUND if name in ground else place for name, place in box.items()}


def _leaves(each: Import, ground: set[str]) -> bool:
    return not each.later and each.imported not in ground


def picture(imports: list[Import]) -> str:
    """The picture as SVG."""
    graph = {name: others for name, others in folder_graph(imports).items() if name != "modgap_core"}
    return drawn(
        graph,
        colours={"modgap_core": "#dbeafe", "dashboard": "#fde8c8", "recipes": "#dcf3e3"},
        title="Folders of ModGap and what they import. Each stands above everything that it imports; an arrow that "
        "two others make is left out.",
    )


def main(arguments: list[str] | None = None) -> int:
    """Write the picture, or compare it; print circles and later imports."""
    parser = argparse.ArgumentParser(description="The picture of folders and imports.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the picture is an old one")
    options = parser.parse_args(arguments)
    imports = read_imports()
    for circle in circles(folder_graph(imports)):
        print(f"A circle: {' -> '.join((*circle, circle[0]))}")
        for line in imports_between(imports, circle):
            print(f"  {line}")
    print(f"{sum(each.later for each in imports)} imports inside functions are not in the picture.")
    current = picture(imports)
    if options.check:
        is_current = PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == current
        print(f"{PICTURE.name} is {'current' if is_current else 'old; run: python -m tools.architecture'}")
        return 0 if is_current else 1
    PICTURE.write_text(current, encoding="utf-8")
    print(f"Wrote {PICTURE.relative_to(ROOT)}")
    return 0


def imports_between(imports: list[Import], folders: tuple[str, ...]) -> list[str]:
    """The imports that lead from one of these folders to another."""
    folder = _folders(sorted({name for each in imports for name in (each.importer, each.imported)}), imports)
    crossing = [each for each in imports if not each.later and folder[each.importer] != folder[each.imported]]
    among = [each for each in crossing if {folder[each.importer], folder[each.imported]} <= set(folders)]
    return [f"{each.importer} imports {each.imported}" for each in among]


if __name__ == "__main__":
    raise SystemExit(main())
