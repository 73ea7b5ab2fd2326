"""The page "Corpus": the runs on disk."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard.corpus.cache import about, distinct, latest, runs_in, scored
from dashboard.shared.plain import plain
from modgap_core.errors import ModGapError

st.title("Corpus: how wide the gap is, and where")
st.caption("Runs of modgap corpus over many pairs: scores for text, speech and pipeline on the same items.")
folder = st.text_input(
    "Folder with runs", key="runs_folder", placeholder="what you gave to modgap corpus --out, or its parent"
)
try:
    runs, problems = runs_in(folder)
    for problem in problems:
        st.warning(plain(problem), icon=":material/error:")
    if not runs:
        st.info("There is no run yet. Make one: modgap corpus MANIFEST --out RUN, then type RUN above.")
        st.stop()
    chosen = st.multiselect("Runs", list(runs), default=latest(runs), key="runs")
    models = [(name, model) for name in chosen for model in scored(runs[name])]
except ModGapError as error:
    st.error(plain(str(error)), icon=":material/error:")
    st.stop()
if not models:
    st.info("Choose at least one run.")
    st.stop()

from dashboard.corpus.context import RunsOnPage  # noqa: E402 - pandas and plotly
from dashboard.shared.panel import CORPUS, show_panels  # noqa: E402

for name in chosen:
    st.caption(plain(about(runs[name], [model for run, model in models if run == name])))
if any(len(model.results.items) < runs[name].n_items for name, model in models):
    st.info("A run is in progress; what is finished is shown.", icon=":material/hourglass_top:")
    st.button("Look again", icon=":material/refresh:")
labels = distinct([(name, model.model) for name, model in models])
shared = [c for c in models[0][1].cluster_columns if all(c in model.cluster_columns for _, model in models)]
clusters = tuple(
    st.multiselect(
        "Clusters for intervals and tests",
        shared,
        key="corpus_clusters",
        max_selections=2,
        placeholder="declared by the run, or found: the column that widens the interval of GAP most",
        help="Items that belong together, such as those of one voice. Two columns are taken as crossed; id makes each "
        "item a cluster of its own.",
    )
)
named = [
    replace(model, model=label, declared=clusters or model.declared)
    for label, (_, model) in zip(labels, models, strict=True)
]
picked = 0
if len(models) > 1:
    last = len(labels) - 1
    picked = labels.index(str(st.selectbox("Model that is shown by itself below", labels, last, key="corpus_model")))
show_panels(CORPUS, RunsOnPage(named, [runs[name] for name, _ in models], picked))
