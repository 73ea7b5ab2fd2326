"""The recipe of modgap-mini: world, speech, training, evaluation."""
