"""A sweep on the page: choose a grid, run with progress, cancel, go on, click a setting to load it.

Streamlit does not interrupt a fragment's run for a button inside it, so the sweep runs in a thread (`SweepJob`) and
the page asks from time to time how far it is.
"""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from dashboard.interventions.cache import get_intervention, known_logprobs, n_editable, start_sweep
from dashboard.interventions.context import InterventionOnPage
from dashboard.interventions.controls import load_setting, method_label, usable_methods
from dashboard.interventions.sweep_job import SweepJob
from dashboard.shared.downloads import show_figure, show_table
from dashboard.shared.panel import Panel
from dashboard.shared.plain import plain
from dashboard.shared.request import PairRequest
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.method import METHODS
from modgap_core.interventions.sweep import Grid, sweep_table
from modgap_core.plots.sweep_map import sweep_map

_KS = {1: "1", 2: "2", 3: "3", 5: "5", 8: "8", 0: "all"}
_POLL_S = 0.5
_STRENGTHS = (0.1, 0.25, 0.5, 0.75, 1.0)


def take_loaded_setting() -> None:
    """Bring a clicked setting into the controls of the first tab, before they are drawn."""
    if (clicked := st.session_state.pop("iv_to_load", None)) is not None:
        load_setting(clicked)


@st.fragment
def _show_tab(page: InterventionOnPage) -> None:
    """The whole tab."""
    request, pair = page.request, page.pair
    st.caption("Every combination is scored by the log-probability of the target answer; a click on a square loads it.")
    grid = _choose_grid(n_editable(request.model))
    conditions = grid.conditions() if all((grid.methods, grid.ks, grid.edit_layers, grid.strengths)) else []
    target = request.expected.target or pair.answers.text
    job = _job()
    if job is not None and job.conditions != tuple(conditions):
        job.cancel()
    running = job is not None and job.running
    run, cancel = st.columns((1, 5))
    run.button(
        "Run the sweep",
        type="primary",
        key="sweep_run",
        disabled=running or not conditions,
        on_click=_start,
        args=(request, conditions, target),
    )
    cancel.button("Cancel", key="sweep_cancel", disabled=not running, on_click=_cancel)
    st.caption(plain(f"{len(conditions)} settings. Target answer: {target}"))
    if running:
        _watch()
        return
    if job is not None and job.error and job.owner == st.session_state["chosen"].identity:
        st.error(plain(job.error), icon=":material/error:")
    _show(request, conditions, target)


def _choose_grid(n_editable: int) -> Grid:
    one, two, three, four = st.columns(4)
    methods = one.multiselect(
        "Methods",
        [name for name in usable_methods() if METHODS.get(name).in_sweeps],
        default=["angle", "length"],
        format_func=method_label,
        key="sweep_methods",
    )
    ks = two.multiselect("k", _KS, default=[1, 3, 5, 0], format_func=_KS.__getitem__, key="sweep_ks")
    layers = three.multiselect(
        "Layers of the edit", range(n_editable), default=list(range(n_editable))[:6], key="sweep_layers"
    )
    strengths = four.multiselect("Strengths", _STRENGTHS, default=[0.25, 0.5, 1.0], key="sweep_strengths")
    return Grid(tuple(methods), tuple(ks), tuple(layers), tuple(strengths))


def _job() -> SweepJob | None:
    job: SweepJob | None = st.session_state.get("sweep_job")
    return job


def _start(request: PairRequest, conditions: list[Condition], target: str) -> None:
    _cancel()
    owner = st.session_state["chosen"].identity
    st.session_state["sweep_job"] = start_sweep(request, conditions, target, owner)


def _cancel() -> None:
    if (job := _job()) is not None:
        job.cancel()


@st.fragment(run_every=_POLL_S)
def _watch() -> None:
    job = _job()
    if job is None or not job.running:
        st.rerun()
    job.watch()
    done, all_of_it = job.n_done, len(job.conditions)
    what = "Stopping after this batch" if job.cancelled else "Sweeping"
    st.progress(done / all_of_it, f"{what}: {done} of {all_of_it} settings")


def _show(request: PairRequest, conditions: list[Condition], target: str) -> None:
    known = known_logprobs(request, target)
    done = [condition for condition in conditions if condition in known]
    if not done:
        return
    if len(done) < len(conditions):
        st.info(f"{len(done)} of {len(conditions)} settings are computed; run the sweep again to go on.")
    table = sweep_table(done, [known[condition] for condition in done])
    unedited = get_intervention(request, []).speech.target_logprob
    figure = sweep_map(table, unedited)
    clicked = st.plotly_chart(figure, key="sweep_map", on_select="rerun", selection_mode="points")
    best = table.iloc[int(table.target_logprob.to_numpy().argmax())]
    st.caption(
        plain(
            f"Unedited speech: {unedited:.2f}. Best: {best.method} {best.tokens}, layer {best.edit_layer}, strength "
            f"{best.strength:g}: {best.target_logprob:.2f}. Red lowers, blue raises the log-probability."
        )
    )
    st.caption(
        "The best setting was chosen on this very pair, so its gain here is optimistic: what can be reached, not what "
        "the setting gives on other pairs."
    )
    with st.expander("Downloads"):
        show_table("sweep", table)
        show_figure("sweep", partial(go.Figure, figure))
    _load_click(clicked, done)


def _load_click(clicked: object, done: list[Condition]) -> None:
    points = getattr(clicked, "selection", {}).get("points", [])
    if not points:
        return
    condition = done[
        int(points[0]["customdata"][0] if isinstance(points[0]["customdata"], list) else points[0]["customdata"])
    ]
    if st.session_state.get("sweep_loaded") != condition:
        st.session_state["sweep_loaded"] = condition
        st.session_state["iv_to_load"] = condition
        st.session_state["iv_wanted"] = condition
        st.rerun()
    st.success(plain(f"Loaded into the tab One intervention: {condition.label}."))


SWEEP = Panel("interventions.sweep", "Sweep", 30, _show_tab)
