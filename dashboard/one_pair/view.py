"""A result on the page: answers, curves, explorer, numbers, downloads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from modgap_core.plots.alignment_layers import alignment_layers
from modgap_core.plots.cell_over_layers import cell_over_layers
from modgap_core.plots.layer_curves import layer_curves
from dashboard.shared.downloads import show_downloads
from dashboard.shared.model_cache import get_checks, get_diagnosis, get_notes
from dashboard.explorer import ExplorerSelection, alignment_explorer
from dashboard.shared.explorer_input import explorer_input
from dashboard.shared.heard import PipelineAnswer
from dashboard.shared.heard_view import show_heard
from dashboard.shared.plain import plain
from dashboard.shared.verdict import verdict
from dashboard.shared.words import EXPLANATIONS
from modgap_core.metrics.metric import Metric
from modgap_core.results.pair_result import PairResult
from modgap_core.results.tables import layer_table, summary_table

if TYPE_CHECKING:
    from modgap_core.models.check import Check


def show_pair(result: PairResult, warn_voices: bool, pipeline: PipelineAnswer | None = None) -> None:
    """The whole page below its title.

    Args:
        result: of the pair.
        warn_voices: say what the model's makers want known about the speech it understands.
        pipeline: what an ASR made of the same clip, where a corpus run has it.
    """
    for warning in (*result.warnings, *(get_notes(result.provenance.model) if warn_voices else ())):
        st.warning(plain(warning), icon=":material/info:")
    _answers(result)
    show_heard(result.transcript, result.answers.expected, pipeline)
    after_norm = st.toggle(
        "Layer L after the final norm", key="after_norm", bind="query-params", help=EXPLANATIONS["final norm"]
    )
    _numbers(result, after_norm)
    st.subheader("Layer curves")
    st.caption(plain(EXPLANATIONS["layer curve"] + " Grey: " + EXPLANATIONS["null"]))
    st.plotly_chart(layer_curves(result, after_norm), key="layer_curves")
    _explorer(result, after_norm)
    st.subheader("Alignment by layer")
    st.caption(
        plain(
            "Monotonicity: does the path run forward in time? Consistency: do both similarity functions pick the same "
            "speech token? APS terms: how near each text token is to its best speech token, layer by layer; their mean "
            "over layers 1..L is the APS. Grey: the null reference."
        )
    )
    st.plotly_chart(alignment_layers(result, after_norm), key="alignment_layers")
    with st.expander("All numbers by layer"):
        st.dataframe(layer_table(result), hide_index=True)
    show_downloads(result, after_norm)
    _provenance(result)


def _answers(result: PairResult) -> None:
    st.markdown(f"**Transcript:** {plain(result.transcript)}")
    heard, read = st.columns(2)
    for column, label, answer in (
        (heard, "Answer to the speech", result.answers.speech),
        (read, "Answer to the transcript", result.answers.text),
    ):
        with column.container(border=True):
            st.caption(label)
            st.markdown(f"#### {plain(answer) or '(no words)'}")
            st.caption(plain(verdict(result.score(answer), result.answers.expected)))


def _numbers(result: PairResult, after_norm: bool) -> None:
    table = summary_table(result, after_norm).set_index("quantity")
    picked = {
        "APS cosine": "APS cosine",
        "APS Euclidean": "APS euclidean",
        "similarity score": "cosine similarity score",
        "monotonicity": "monotonicity of the cosine path, mean over layers 0..L",
        "path consistency": "path consistency, mean over layers 0..L",
    }
    for column, (label, row) in zip(st.columns(len(picked)), picked.items(), strict=True):
        column.metric(label, _shown(table.value[row]), help=EXPLANATIONS[label])
        column.caption(plain(_null_words(table.loc[row])))


def _shown(value: float) -> str:
    return "undefined" if pd.isna(value) else f"{value:.3f}"


def _null_words(row: pd.Series) -> str:
    if pd.isna(row.null_low):
        return ""
    z = "" if pd.isna(row.z_score) else f", z = {row.z_score:+.1f}"
    return f"null {row.null_low:.3f} to {row.null_high:.3f}{z}"


@st.fragment
def _explorer(result: PairResult, after_norm: bool) -> None:
    st.subheader("Alignment explorer")
    st.caption(
        "Click a cell, a diamond, a word or the waveform to hear that stretch; click again or press Escape to clear. "
        "With the keyboard: left and right step through the layers, space plays."
    )
    selection = alignment_explorer(explorer_input(result), key="explorer", layer=result.n_layers // 2)
    if selection is not None:
        _selection(result, selection, after_norm)


def _selection(result: PairResult, selection: ExplorerSelection, after_norm: bool) -> None:
    words = f"{selection.start_s:.2f} s to {selection.end_s:.2f} s"
    if selection.speech_token is None or selection.text_token is None:
        st.markdown(f"**Selected:** {plain(words)}")
        return
    token = result.text_tokens[selection.text_token].text.strip()
    cosine, distance = (
        result.values(m).matrix[selection.layer, selection.speech_token, selection.text_token] for m in Metric
    )
    place = result.layer_labels[selection.layer]
    st.markdown(
        f"**Selected:** speech token {selection.speech_token} ({plain(words)}) and text token "
        f"{selection.text_token} “{plain(token)}”; at layer {plain(place)} cosine {_shown(cosine)}, "
        f"distance {_shown(distance)}"
    )
    chart = cell_over_layers(result, selection.speech_token, selection.text_token, after_norm)
    st.plotly_chart(chart, key="cell_over_layers")


def _provenance(result: PairResult) -> None:
    p = result.provenance
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
