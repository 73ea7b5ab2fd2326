"""The version of ModGap: the one place where it stands; pyproject.toml reads it."""

__version__ = "0.2.0"
