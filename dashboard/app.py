"""ModGap in the browser: ``modgap app``, or ``streamlit run dashboard/app.py``.

The pages lie in ``screens/``: a folder called ``pages/`` would be taken for Streamlit's older kind of pages.
"""

from pathlib import Path

import streamlit as st

from dashboard.sidebar import choose

st.set_page_config(page_title="ModGap", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide")
page = st.navigation(
    [
        st.Page("screens/one_pair.py", title="One pair", icon=":material/graphic_eq:", default=True),
        st.Page("screens/interventions.py", title="Interventions", icon=":material/tune:"),
        st.Page("screens/corpus.py", title="Corpus", icon=":material/stacked_bar_chart:"),
        st.Page("screens/meanings.py", title="What the numbers mean", icon=":material/menu_book:"),
    ]
)
chosen = st.session_state["chosen"] = sidebar.choose()
if (job := st.session_state.get("sweep_job")) is not None:
    job.keep_only_for(chosen.identity if page.url_path == "interventions" else None)
page.run()
