"""Control: the speech span gets the transcript span's mean and standard deviation (arXiv 2603.01502).

Published as a negative result: matching these statistics at the LLM input lowered a model's score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modgap_core.interventions.method import ChosenStates, Method

if TYPE_CHECKING:
    import torch


def calibration(speech: torch.Tensor, text: torch.Tensor, strength: float = 1.0) -> torch.Tensor:
    """(h_s - mean_s) / std_s * std_t + mean_t for each dimension, over all tokens of the span.

    Args:
        speech: (Ts, d) the whole speech span.
        text: (Tt, d) the whole transcript span; of one token its standard deviation is 0.
        strength: share of the way from the states as they are.

    Returns:
        (Ts, d) in float32; a dimension in which the speech span is constant becomes the text's mean.

    Example:
        >>> import torch
        >>> calibration(torch.tensor([[0.0], [2.0]]), torch.tensor([[10.0], [16.0]]))
        tensor([[10.],
                [16.]])
    """
    import torch

    speech, text = speech.float(), text.float()
    centred, spread = speech - speech.mean(0), speech.std(0, correction=0)
    standard = torch.where(spread > 0, centred / spread, 0.0)
    return torch.lerp(speech, standard * text.std(0, correction=0) + text.mean(0), strength)


def _apply(chosen: ChosenStates) -> torch.Tensor:
    return calibration(chosen.speech_span, chosen.text_span, chosen.strength)[list(chosen.speech_tokens)]


CALIBRATION = Method(
    name="calibration",
    title="Mean/std calibration",
    sentence="The whole speech span gets the transcript span's mean and standard deviation.",
    source="control, arXiv 2603.01502",
    uses="right transcript, its mean and spread",
    apply=_apply,
    is_control=True,
    whole_span=True,
)
