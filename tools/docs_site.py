"""What `mkdocs.yml` cannot say: the first page is the README, and the reference has a page for each folder of the core.

mkdocs calls the functions that begin with ``on_`` (``make docs``).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig  # type: ignore[import-not-found, unused-ignore]
    from mkdocs.structure.files import Files  # type: ignore[import-not-found, unused-ignore]

ROOT = Path(__file__).resolve().parents[1]
CORE = "modgap_core"
PAGES = {"index.md": "README.md", "contributing.md": "CONTRIBUTING.md", "changelog.md": "CHANGELOG.md"}
"""Pages that are files of the repository's root."""
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages of the reference into the navigation."""
    for entry in config.nav or []:
        if "Reference" in entry:
            entry["Reference"] = [{folder.removeprefix(f"{CORE}/"): path} for folder, path, _ in reference_pages()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    from mkdocs.structure.files import File  # type: ignore[import-not-found, unused-ignore]

    for page, source in PAGES.items():
        content = of_site((ROOT / source).read_text(encoding="utf-8"))
        files.append(File.generated(config, page, content=content))
    for folder, path, modules in reference_pages():
        content = f"# {folder}\n\n" + "\n\n".join(f"::: {module}" for module in modules)
        files.append(File.generated(config, path, content=content))
    return files


def of_site(text: str) -> str:
    """A text of the root, with links as the pages have them; a link to a file that is no page becomes its name.

    >>> of_site("[a](docs/corpus.md#results), [b](https://x.org), [c](#d), [LICENSE](LICENSE)")
    '[a](corpus.md#results), [b](https://x.org), [c](#d), LICENSE'
    """

    def link(found: re.Match[str]) -> str:
        picture, words, target = found.groups()
        path = PurePosixPath(target)
        if target.startswith("#") or "://" in target:
            return found.group(0)
        if path.parts[0] == "docs":
            return f"{picture}[{words}]({path.relative_to('docs')})"
        made = {source: page for page, source in PAGES.items()}
        return f"[{words}]({made[target]})" if target in made else words

    return _LINK.sub(link, text)


def reference_pages() -> Iterator[tuple[str, str, list[str]]]:
    """Each folder of the core that holds modules: its name, its page, its public modules that say something."""
    for folder in sorted({path.parent for path in (ROOT / CORE).rglob("*.py")}):
        modules = [name for path in sorted(folder.glob("*.py")) if (name := _public_module(path))]
        if modules:
            name = str(folder.relative_to(ROOT))
            yield name, f"reference/{name.replace('/', '.')}.md", modules


def _public_module(path: Path) -> str:
    """Its name; empty where it is private, or an empty ``__init__``."""
    is_package = path.name == "__init__.py"
    if path.name.startswith("_") and not is_package:
        return ""
    if is_package and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None:
        return ""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
