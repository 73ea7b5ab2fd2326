"""What the page "Interventions" is of."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.shared.request import PairRequest
from modgap_core.results.pair_result import PairResult


@dataclass(frozen=True, eq=False)
class InterventionOnPage:
    """A pair whose speech states can be changed.

    Attributes:
        request: model, clip, transcript.
        pair: its analysis.
    """

    request: PairRequest
    pair: PairResult
