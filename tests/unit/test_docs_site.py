"""The documents link to what is there, and the reference has every module; `make docs` builds them."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from tools import docs_site, floor_plan
from tools.docs_site import PAGES, ROOT, of_site, reference_pages

DOCUMENTS = [*sorted((ROOT / "docs").glob("*.md")), *(ROOT / source for source in PAGES.values())]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        name, _, heading = target.partition("#")
        found = document.parent / name if name else document
        assert found.exists(), f"{document.name} links to {target}, which is not there"
        if heading:
            headings = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}
            assert heading in anchors, f"{document.name} links to {target}, but no heading is called so"


def test_every_page_of_the_site_is_in_its_navigation() -> None:
    configuration = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in (*PAGES, *(path.name for path in (ROOT / "docs").glob("*.md"))):
        assert f": {page}\n" in configuration, f"add {page} to nav of mkdocs.yml"


def test_the_reference_has_every_public_module_once() -> None:
    named = [module for _, _, modules in reference_pages() for module in modules]
    assert len(set(named)) == len(named)
    for path in sorted((ROOT / "modgap_core").rglob("*.py")):
        if not path.name.startswith("_"):
            assert ".".join(path.relative_to(ROOT).with_suffix("").parts) in named
    assert "](docs/" not in of_site((ROOT / "README.md").read_text(encoding="utf-8"))


def test_the_examples_of_the_tools() -> None:
    for module in (docs_site, floor_plan):
        outcome = doctest.testmod(module)
        assert outcome.attempted
        assert not outcome.failed
