"""Toys: one of each kind that a package can add to ModGap, one file each."""
