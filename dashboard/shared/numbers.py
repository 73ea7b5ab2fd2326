"""Numbers as text; pure, no streamlit."""

from __future__ import annotations

import pandas as pd


def shown_number(value: float) -> str:
    """Three digits, or the word undefined.

    >>> shown_number(0.12345), shown_number(float("nan"))
    ('0.123', 'undefined')
    """
    return "undefined" if pd.isna(value) else f"{value:.3f}"
