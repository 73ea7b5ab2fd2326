"""All figures, one after the other."""

from benchmarks import app_start, interventions, pair, slider

for benchmark in (pair, interventions, slider, app_start):
    benchmark.main()
