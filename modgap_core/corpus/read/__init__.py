"""From a run folder to its tables and regressions; needs no model."""
