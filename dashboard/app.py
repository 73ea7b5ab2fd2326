"""ModGap in the browser: ``modgap app``, or ``streamlit run dashboard/app.py``.

Each page has a folder of its own; none is called ``pages/``, which would be taken for Streamlit's older kind of pages.
"""

from pathlib import Path

import streamlit as st

from dashboard.sidebar import kept
from dashboard.sidebar.choose import choose

st.set_page_config(page_title="ModGap", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide")


def _page(folder: str, title: str, icon: str, default: bool = False) -> st.Page:
    return st.Page(f"{folder}/page.py", title=title, icon=f":material/{icon}:", url_path=folder, default=default)


ONE_PAIR = _page("one_pair", "One pair", "graphic_eq", default=True)
INTERVENTIONS = _page("interventions", "Interventions", "tune")
OF_A_PAIR = (ONE_PAIR, INTERVENTIONS)  # the pages that use the sidebar
page = st.navigation(
    [
        *OF_A_PAIR,
        _page("corpus", "Corpus", "stacked_bar_chart"),
        _page("meanings", "What the numbers mean", "menu_book"),
    ]
)
if page in OF_A_PAIR:
    st.session_state["chosen"] = choose()
else:
    kept.hold()
if (job := st.session_state.get("sweep_job")) is not None:
    job.keep_only_for(st.session_state["chosen"].identity if page is INTERVENTIONS else None)
page.run()
