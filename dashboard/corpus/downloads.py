"""Every table and figure of the runs as files, and the report; built when one is pressed."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from dashboard.corpus.context import RunsOnPage
from dashboard.shared.downloads import show_figure, show_table
from dashboard.shared.lazy_expander import lazy_expander
from dashboard.shared.panel import Panel
from dashboard.shared.plain import plain
from modgap_core.corpus.read.tables import TABLES_OF_RUN
from modgap_core.figures import FIGURES, Subject, drawn
from modgap_core.report import report_html

_OF_ALL = ("gap", "corpus_layer_curves", "regression")
_OF_ONE = ("scores", "interventions", "outcome")


@st.fragment
def _show(page: RunsOnPage) -> None:
    lazy_expander("Downloads", "corpus_downloads", lambda: _draw(page))


def _draw(page: RunsOnPage) -> None:
    st.download_button(
        "Report (one HTML file)", partial(report_html, page.runs), "modgap_report.html", on_click="ignore"
    )
    for name in _OF_ALL:
        if not FIGURES.get(name).is_empty(page.runs):
            show_figure(name, partial(_figure, page.runs, name), "corpus")
    for run in page.runs:
        st.markdown(f"**{plain(run.model)}**")
        for name, build in TABLES_OF_RUN.items():
            show_table(f"{run.model}_{name}", partial(build, run), "corpus")
        for name in _OF_ONE:
            if not FIGURES.get(name).is_empty([run]):
                show_figure(name, partial(_figure, [run], name), f"corpus{run.model}")


def _figure(runs: object, name: str) -> go.Figure:
    return drawn(Subject.RUNS, runs, name)


DOWNLOADS = Panel("corpus.downloads", "Downloads", 100, _show)
