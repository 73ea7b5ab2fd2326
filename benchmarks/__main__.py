"""All figures, one after the other."""

from benchmarks import app_start, corpus, interventions, pair, reading, slider

for benchmark in (pair, interventions, corpus, reading, slider, app_start):
    benchmark.main()
