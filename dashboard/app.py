"""ModGap in the browser: ``streamlit run dashboard/app.py``."""

import streamlit as st

st.set_page_config(page_title="ModGap", page_icon=":material/graphic_eq:", layout="wide")
st.navigation(
    [
        st.Page("pages/one_pair.py", title="One pair", icon=":material/graphic_eq:", default=True),
        st.Page("pages/interventions.py", title="Interventions", icon=":material/tune:"),
        st.Page("pages/meanings.py", title="What the numbers mean", icon=":material/menu_book:"),
    ]
).run()
