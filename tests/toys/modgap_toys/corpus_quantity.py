"""A quantity of a run."""

from modgap_core.metrics import Level, Quantity

MEDIAN_DURATION = Quantity(
    name="median_duration",
    title="median duration",
    symbol="med(t)",
    level=Level.CORPUS,
    sentence="Half of the clips are longer.",
    source="toy",
    compute=lambda run: run.wide.duration_s.median(),
    unit="seconds",
)
