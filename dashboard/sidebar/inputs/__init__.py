"""The ways to give a pair, one file each."""
