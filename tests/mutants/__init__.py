"""Deliberate faults, each of which a named test must notice: `python -m tests.mutants`."""
