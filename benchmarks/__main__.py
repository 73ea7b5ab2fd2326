"""All figures, one after the other."""

from benchmarks import app_start, pair, slider

for benchmark in (pair, slider, app_start):
    benchmark.main()
