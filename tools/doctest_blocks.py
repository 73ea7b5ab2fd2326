"""Examples and tables of docstrings as code blocks of the documents; an extension of griffe, named in `mkdocs.yml`."""

from __future__ import annotations

from typing import Any

import griffe  # type: ignore[import-not-found, unused-ignore]  # make docs installs it

_BEGINNINGS = {">>> ": "pycon", "====": "text"}
"""What begins a block, and its language; an empty line ends it."""


class DoctestBlocks(griffe.Extension):  # type: ignore[misc, unused-ignore]
    """Fences every example and table, which Markdown would read as a quotation or as running text."""

    def on_object(self, *, obj: griffe.Object, loader: Any, **_others: Any) -> None:
        """Change a docstring when it is loaded."""
        if obj.docstring is not None:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(docstring: str) -> str:
    """A docstring with a fence around each example (``>>>``) and each table (ruled with ``=``).

    >>> fenced("Sum."), fenced(">>" + "> 1 + 1").splitlines()
    ('Sum.', ['```pycon', '>>> 1 + 1', '```'])
    """
    lines: list[str] = []
    margin: str | None = None
    for line in [*docstring.splitlines(), ""]:
        kind = next((kind for start, kind in _BEGINNINGS.items() if line.lstrip().startswith(start)), None)
        if margin is None and kind:
            margin = line[: len(line) - len(line.lstrip())]
            lines.append(f"{margin}```{kind}")
        elif margin is not None and not line.strip():
            lines.append(f"{margin}```")
            margin = None
        lines.append(line)
    return "\n".join(lines[:-1])
