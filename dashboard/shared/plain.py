"""Text of users and models, made safe to show: never read as Markdown, HTML or LaTeX."""

from __future__ import annotations

import re

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: str) -> str:
    r"""Escape every ASCII punctuation mark, so that Markdown shows the text as it is.

    >>> plain("<b>*hi*</b>")
    '\\<b\\>\\*hi\\*\\<\\/b\\>'
    """
    return _PUNCTUATION.sub(r"\\\1", text).replace("\n", "  \n")
