"""Results: what was measured, by name; saved, read, laid out in tables. Needs no model."""
