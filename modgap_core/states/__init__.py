"""Captured states: rows of a batch, a layer as quantities see it, the null bank."""
