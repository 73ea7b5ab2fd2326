"""What is measured, where more can be chosen than a default run measures."""

from __future__ import annotations

import streamlit as st

from modgap_core.metrics import PATHS, QUANTITIES, SIMILARITIES, Level, Measures


def choose_measures() -> Measures:
    """Draw the choice, if there is one: similarity functions, paths and quantities of other packages."""
    standard = Measures()
    quantities = [q.name for q in QUANTITIES if q.level != Level.CORPUS]
    more = {
        "similarities": ("Similarity functions", SIMILARITIES.names(), standard.similarities),
        "paths": ("Paths", PATHS.names(), standard.paths),
        "quantities": ("Quantities", quantities, standard.quantities),
    }
    if all(len(names) == len(usual) for _, names, usual in more.values()):
        return standard
    with st.sidebar.expander("Measures"):
        chosen = [
            tuple(st.multiselect(label, names, default=None if key in st.session_state else usual, key=key))
            for key, (label, names, usual) in more.items()
        ]
    similarities, paths, named = chosen
    return Measures(similarities or standard.similarities, paths or standard.paths, named or standard.quantities)
