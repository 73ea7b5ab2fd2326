"""Results and figures as bytes for downloads; pure, no streamlit."""

from __future__ import annotations

import io

import pandas as pd
import plotly.graph_objects as go

from modgap_core.errors import ResultError
from modgap_core.extras import need_extra
from modgap_core.interventions.outcome import InterventionResult
from modgap_core.interventions.store import save_intervention
from modgap_core.results.bundle import bundle_bytes
from modgap_core.results.pair_result import PairResult
from modgap_core.results.store import save_result

_WIDTH_PX, _SCALE = 1100, 2


def csv_bytes(table: pd.DataFrame) -> bytes:
    """A table as CSV; undefined values are empty."""
    return table.to_csv(index=False).encode("utf-8")


def parquet_bytes(table: pd.DataFrame) -> bytes:
    """A table as Parquet."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()


def html_bytes(figure: go.Figure) -> bytes:
    """A figure as one HTML file that needs no network."""
    return str(figure.to_html(include_plotlyjs=True)).encode("utf-8")


def image_bytes(figure: go.Figure, kind: str) -> bytes:
    """A figure as ``png`` or ``svg``.

    Raises:
        ResultError: kaleido is not installed, or there is no Chrome or Chromium for it to draw with.
    """
    need_extra("app", f"{kind.upper()} export", "kaleido", error=ResultError)
    still = go.Figure(figure).update_layout(template="plotly_white")
    try:
        return bytes(still.to_image(format=kind, width=_WIDTH_PX, scale=_SCALE))
    except Exception as error:  # kaleido and its browser driver raise many kinds
        raise ResultError(
            f"{kind.upper()} export needs Chrome or Chromium, which could not be started ({type(error).__name__}); "
            "install one (Debian: apt-get install chromium) or download the figure as HTML."
        ) from error


def result_zip(result: PairResult) -> bytes:
    """The whole result folder as a zip, which `modgap show` and the app open again."""
    return bundle_bytes(lambda folder: save_result(result, folder))


def intervention_zip(result: InterventionResult) -> bytes:
    """The same for an intervention's result."""
    return bundle_bytes(lambda folder: save_intervention(result, folder))
