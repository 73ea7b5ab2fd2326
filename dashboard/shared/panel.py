"""Panels: the parts of a page, each declared once, in the order of the page; packages add their own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.shared.plain import plain
from modgap_core.errors import ModGapError
from modgap_core.registry import OWN, Registry

ONE_PAIR, INTERVENTIONS, CORPUS = "one_pair", "interventions", "corpus"
_PAGES = (ONE_PAIR, INTERVENTIONS, CORPUS)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Panel:
    """A part of a page.

    Attributes:
        name: the key: the page, a point, and a name on it, so that a page loads only its own panels.
        title: for people.
        order: place on the page, from the top; ModGap's own stand at 10, 20, 30 ...
        show: draws it with streamlit, given what the page is of: `dashboard.one_pair.context.PairOnPage`,
            `dashboard.interventions.context.InterventionOnPage` or `dashboard.corpus.context.RunsOnPage`.
        source: where it comes from.
    """

    name: str
    title: str
    order: float
    show: Callable[[Any], None]
    source: str = "ours"


def _problem(entry: Panel) -> str:
    page = entry.name.partition(".")[0]
    return "" if page in _PAGES else f"its name {entry.name!r} names no page; begin it with one of {', '.join(_PAGES)}"


PANELS: Registry[Panel] = Registry(
    "panel",
    "modgap.panels",
    {
        "one_pair.answers": "dashboard.one_pair.answers:ANSWERS",
        "one_pair.after_norm": "dashboard.one_pair.answers:AFTER_NORM_SWITCH",
        "one_pair.numbers": "dashboard.one_pair.numbers:NUMBERS",
        "one_pair.layer_curves": "dashboard.one_pair.curves:LAYER_CURVES",
        "one_pair.explorer": "dashboard.one_pair.explorer:EXPLORER",
        "one_pair.alignment": "dashboard.one_pair.curves:ALIGNMENT",
        "one_pair.further_quantities": "dashboard.one_pair.curves:FURTHER",
        "one_pair.all_numbers": "dashboard.one_pair.numbers:ALL_NUMBERS",
        "one_pair.downloads": "dashboard.one_pair.downloads:DOWNLOADS",
        "one_pair.provenance": "dashboard.one_pair.provenance:PROVENANCE",
        "interventions.one": "dashboard.interventions.one:ONE",
        "interventions.paper_table": "dashboard.interventions.paper_table:TABLE",
        "interventions.sweep": "dashboard.interventions.sweep_view:SWEEP",
        "corpus.gap": "dashboard.corpus.gap:GAP",
        "corpus.scores": "dashboard.corpus.gap:SCORES",
        "corpus.layer_curves": "dashboard.corpus.curves:CURVES",
        "corpus.regression": "dashboard.corpus.regression:REGRESSION",
        "corpus.one_model": "dashboard.corpus.one_model:ONE_MODEL",
        "corpus.interventions": "dashboard.corpus.one_model:INTERVENTIONS_PANEL",
        "corpus.slices": "dashboard.corpus.slices:SLICES",
        "corpus.outcome": "dashboard.corpus.one_model:OUTCOME",
        "corpus.further_quantities": "dashboard.corpus.one_model:FURTHER",
        "corpus.items": "dashboard.corpus.items:ITEMS",
        "corpus.downloads": "dashboard.corpus.downloads:DOWNLOADS",
    },
    Panel,
    _problem,
)


def panels_of(page: str) -> list[Panel]:
    """The panels of a page, from the top.

    Those of a package that cannot be loaded are left out; ``modgap list panels`` says why.
    """
    found = []
    for name in PANELS.names():
        if name.partition(".")[0] == page:
            try:
                found.append(PANELS.get(name))
            except ModGapError as error:
                _LOG.warning("%s", error)
    return sorted(found, key=lambda panel: panel.order)


def show_panels(page: str, context: Any) -> None:
    """Draw the panels of a page, one below the other."""
    for panel in panels_of(page):
        show_panel(panel, context)


def show_panel(panel: Panel, context: Any) -> None:
    """Draw a panel; what goes wrong in another package's does not take the page with it."""
    origin = PANELS.origin(panel.name)
    if origin == OWN:
        panel.show(context)
        return
    try:
        panel.show(context)
    except Exception as error:  # another package's code
        st.error(plain(f"The panel {panel.title!r} of {origin} failed ({type(error).__name__}: {error})."))
