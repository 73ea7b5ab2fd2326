"""The page "What the numbers mean"."""
