"""A figure of a pair."""

import plotly.graph_objects as go

from modgap_core.figures import Figure, Subject
from modgap_core.results.pair_result import PairResult


def _draw(result: PairResult, similarity: str = "cosine") -> go.Figure:
    path = result.values(similarity).path
    return go.Figure(go.Scatter(y=[int(abs(layer[1:] - layer[:-1]).sum()) for layer in path]))


PATH_LENGTHS = Figure("path_lengths", "How far the path travels, by layer", Subject.PAIR, _draw, source="toy")
