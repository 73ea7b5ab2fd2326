"""Tests without a browser."""
