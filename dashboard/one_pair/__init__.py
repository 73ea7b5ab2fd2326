"""The page "One pair"."""
