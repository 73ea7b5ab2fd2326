"""Where the numbers come from, and what the model passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.one_pair.context import PairOnPage
from dashboard.shared.model_cache import get_checks, get_diagnosis
from dashboard.shared.panel import Panel
from dashboard.shared.plain import plain

if TYPE_CHECKING:
    from modgap_core.models.check import Check


def _show(page: PairOnPage) -> None:
    p = page.result.provenance
    versions = ", ".join(f"{name} {version}" for name, version in p.versions.items())
    st.caption(
        plain(
            f"{p.model} ({p.model_type}, content {p.model_hash}), {p.n_layers} layers of width {p.width}, "
            f"{p.ms_per_token:g} ms a speech token, {p.dtype} on {p.device}; {p.layer_convention}; {versions}."
        )
    )


def show_checks(model_name: str) -> None:
    """The model's self-check, passed when it was loaded, and on request what the doctor finds."""
    with st.expander("Self-check of the model"):
        if st.button("Run the doctor", help="Slower checks, and what is not checked; as the command 'modgap doctor'."):
            st.session_state["doctor_of"] = model_name
        if st.session_state.get("doctor_of") != model_name:
            _list_checks(get_checks(model_name))
            return
        with st.spinner("Examining the model"):
            diagnosis = get_diagnosis(model_name)
        _list_checks(diagnosis.checks)
        for sentence in diagnosis.unchecked:
            st.markdown(f":material/question_mark: Not checked: {plain(sentence)}")
        st.markdown("  \n".join(f"{plain(name)}: {plain(value)}" for name, value in diagnosis.facts))


def _list_checks(checks: Sequence[Check]) -> None:
    for check in checks:
        sign = ":material/check:" if check.passed else ":material/close:"
        st.markdown(f"{sign} {plain(check.name)}: {plain(check.detail)}")


PROVENANCE = Panel("one_pair.provenance", "Where the numbers come from", 90, _show)
