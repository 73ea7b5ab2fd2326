"""Curves over the layers."""

from __future__ import annotations

import streamlit as st

from dashboard.one_pair.context import PairOnPage
from dashboard.shared.panel import Panel
from dashboard.shared.plain import plain
from dashboard.shared.words import EXPLANATIONS
from modgap_core.figures import FIGURES


def _show_curves(page: PairOnPage) -> None:
    st.subheader("Layer curves")
    st.caption(plain(EXPLANATIONS["layer curve"] + " Grey: " + EXPLANATIONS["null"]))
    st.plotly_chart(page.result.plot("layer_curves", after_norm=page.after_norm), key="layer_curves")


def _show_alignment(page: PairOnPage) -> None:
    st.subheader("Alignment by layer")
    st.caption(
        plain(
            "Monotonicity: does the path run forward in time? Consistency: do both similarity functions pick the same "
            "speech token? APS terms: how near each text token is to its best speech token, layer by layer; their mean "
            "over layers 1..L is the APS. Grey: the null reference."
        )
    )
    paths = page.result.measured.path_names
    path = paths[0] if len(paths) == 1 else str(st.selectbox("Path", paths, key="alignment_path"))
    figure = page.result.plot("alignment_by_layer", after_norm=page.after_norm, path=path)
    st.plotly_chart(figure, key="alignment_layers")


def _show_further(page: PairOnPage) -> None:
    if FIGURES.get("further_quantities").is_empty(page.result):
        return
    st.subheader("Further quantities by layer")
    st.plotly_chart(page.result.plot("further_quantities", after_norm=page.after_norm), key="further_quantities")


LAYER_CURVES = Panel("one_pair.layer_curves", "Layer curves", 30, _show_curves)
ALIGNMENT = Panel("one_pair.alignment", "Alignment by layer", 50, _show_alignment)
FURTHER = Panel("one_pair.further_quantities", "Further quantities by layer", 60, _show_further)
