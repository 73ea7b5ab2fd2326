"""The distribution of the answer's first token in three runs."""

from __future__ import annotations

import html

import plotly.graph_objects as go

from modgap_core.interventions.outcome import InterventionResult, Outcome
from modgap_core.plots.edited_curves import edited_run
from modgap_core.plots.style import CONSISTENCY_COLOUR, COSINE_COLOUR, NULL_LINE_COLOUR, finish

_LEAST = 0.01
_COLOURS = (CONSISTENCY_COLOUR, NULL_LINE_COLOUR, COSINE_COLOUR)


def first_token(result: InterventionResult, edited: Outcome | int = 0) -> go.Figure:
    """Most probable first tokens of the answer to text, to speech and to edited speech.

    Tokens with at least one percent in one of the runs; without a bar it is not among that run's first eight.

    Args:
        result: holds the unedited run.
        edited: one of its edited runs, or its number among them.
    """
    text, speech, edited = result.text, result.speech, edited_run(result, edited)
    runs = {"text": text, "speech as it is": speech, "edited speech": edited}
    likely = (token for run in runs.values() for token in run.top_tokens if token.probability >= _LEAST)
    tokens = list(dict.fromkeys(token.text for token in likely))
    figure = go.Figure()
    for (name, run), colour in zip(runs.items(), _COLOURS, strict=True):
        known = {token.text: token.probability for token in run.top_tokens}
        figure.add_trace(go.Bar(x=_labels(tokens), y=[known.get(t) for t in tokens], name=name, marker_color=colour))
    figure.update_yaxes(title_text="probability", range=[0, 1])
    figure.update_xaxes(title_text="first token of the answer", type="category")
    return finish(figure, height=300)


def _labels(tokens: list[str]) -> list[str]:
    return [html.escape(token.strip()) or "␣" for token in tokens]
