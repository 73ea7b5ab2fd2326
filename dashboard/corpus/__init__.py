"""The page "Corpus"."""
