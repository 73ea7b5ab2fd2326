"""The figures that ModGap is measured by; ``make bench`` runs them all."""
