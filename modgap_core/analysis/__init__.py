"""From a pair to its result."""
