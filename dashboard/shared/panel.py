"""Panels: the parts of a page, each declared once, in the order of the page; packages add their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.shared.plain import plain
from modgap_core.registry import OWN, Registry

ONE_PAIR, INTERVENTIONS, CORPUS = "one_pair", "interventions", "corpus"


@dataclass(frozen=True)
class Panel:
    """A part of a page.

    Attributes:
        name: the key.
        page: ``one_pair``, ``interventions`` or ``corpus``.
        title: for people.
        order: place on the page, from the top; ModGap's own stand at 10, 20, 30 ...
        show: draws it with streamlit, given what the page is of: `dashboard.one_pair.context.PairOnPage`,
            `dashboard.interventions.context.InterventionOnPage` or `dashboard.corpus.context.RunsOnPage`.
        source: where it comes from.
    """

    name: str
    page: str
    title: str
    order: float
    show: Callable[[Any], None]
    source: str = "ours"


def _problem(entry: Any) -> str:
    return "" if isinstance(entry, Panel) else f"it is a {type(entry).__name__}, not a Panel"


PANELS: Registry[Panel] = Registry(
    "panel",
    "modgap.panels",
    {
        "answers": "dashboard.one_pair.answers:ANSWERS",
        "numbers": "dashboard.one_pair.numbers:NUMBERS",
        "layer_curves": "dashboard.one_pair.curves:LAYER_CURVES",
        "explorer": "dashboard.one_pair.explorer:EXPLORER",
        "alignment": "dashboard.one_pair.curves:ALIGNMENT",
        "further_quantities": "dashboard.one_pair.curves:FURTHER",
        "all_numbers": "dashboard.one_pair.numbers:ALL_NUMBERS",
        "pair_downloads": "dashboard.one_pair.downloads:DOWNLOADS",
        "provenance": "dashboard.one_pair.provenance:PROVENANCE",
        "one_intervention": "dashboard.interventions.one:ONE",
        "paper_table": "dashboard.interventions.paper_table:TABLE",
        "sweep": "dashboard.interventions.sweep_view:SWEEP",
        "gap": "dashboard.corpus.gap:GAP",
        "scores": "dashboard.corpus.gap:SCORES",
        "corpus_curves": "dashboard.corpus.curves:CURVES",
        "regression": "dashboard.corpus.regression:REGRESSION",
        "one_model": "dashboard.corpus.one_model:ONE_MODEL",
        "corpus_interventions": "dashboard.corpus.one_model:INTERVENTIONS_PANEL",
        "slices": "dashboard.corpus.slices:SLICES",
        "outcome": "dashboard.corpus.one_model:OUTCOME",
        "further_run_quantities": "dashboard.corpus.one_model:FURTHER",
        "items": "dashboard.corpus.items:ITEMS",
        "corpus_downloads": "dashboard.corpus.downloads:DOWNLOADS",
    },
    _problem,
)


def panels_of(page: str) -> list[Panel]:
    """The panels of a page, from the top.

    Those of a package that cannot be loaded are left out; ``modgap list panels`` says why.
    """
    usable = [offer.entry for offer in PANELS.offers() if not offer.problem]
    return sorted((panel for panel in usable if panel.page == page), key=lambda panel: panel.order)


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
