"""The page "What the numbers mean"."""

import streamlit as st

from dashboard.shared.plain import plain
from dashboard.shared.words import explanations

st.title("What the numbers mean")
st.markdown(
    "ModGap computes the quantities of *Understanding the Modality Gap* (arXiv 2510.12116). "
    "A model runs twice, on speech and on its transcript, with the same prompt around both; only the states of the "
    "speech tokens and of the transcript's tokens are compared. Layers count from 0, the LLM input, to L, the last "
    "block before the final norm."
)
for name, meaning in explanations().items():
    st.markdown(f"**{plain(name)}**  \n{plain(meaning)}")
