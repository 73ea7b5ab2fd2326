"""Input sources: where a pair comes from, each declared once; packages add their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modgap_core.registry import Registry

if TYPE_CHECKING:
    from dashboard.shared.request import PairRequest
    from dashboard.shared.saved_result import SavedResult


@dataclass(frozen=True)
class InputSource:
    """A way to give a pair.

    Attributes:
        name: the key.
        title: in the sidebar's list.
        empty: what is still to be done, while nothing is given.
        choose: draws its controls in the sidebar; given the model's folder or hub id (empty for modgap-mini), it
            returns the pair, or a saved result, or None while something is missing. It raises a `ModGapError` for what
            cannot be used.
        source: where it comes from.
        own_voice: the visitor's own sound, of which the model may understand little.
        gives_saved: it gives saved results.
    """

    name: str
    title: str
    empty: str
    choose: Callable[[str], PairRequest | SavedResult | None]
    source: str = "ours"
    own_voice: bool = False
    gives_saved: bool = False


_FOLDER = "dashboard.sidebar.inputs"
INPUTS: Registry[InputSource] = Registry(
    "input source",
    "modgap.inputs",
    {
        "example": f"{_FOLDER}.example:EXAMPLE",
        "upload": f"{_FOLDER}.upload:UPLOAD",
        "record": f"{_FOLDER}.record:RECORD",
        "speak": f"{_FOLDER}.speak:SPEAK",
        "saved": f"{_FOLDER}.saved:SAVED",
        "corpus_item": f"{_FOLDER}.corpus_item:CORPUS_ITEM",
    },
    InputSource,
)
