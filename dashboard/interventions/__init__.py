"""The page "Interventions"."""
