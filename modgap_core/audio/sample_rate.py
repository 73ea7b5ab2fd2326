"""The one sample rate that all speech encoders here are fed with."""

SAMPLE_RATE_HZ = 16_000
