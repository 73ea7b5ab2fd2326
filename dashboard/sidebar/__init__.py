"""The sidebar: which model, which pair."""
