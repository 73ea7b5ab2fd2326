"""Sounds: read, spoken, drawn."""
