"""Charts: functions from a result to a plotly figure; no streamlit in here."""
