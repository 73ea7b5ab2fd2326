"""A path that ignores the matrix: text tokens spread evenly over the speech tokens."""

import torch

from modgap_core.metrics import NO_PARTNER, PathFinder, Similarity


def _find(values: torch.Tensor, _function: Similarity) -> torch.Tensor:
    is_speech, is_text = ~values.isnan().all(-1), ~values.isnan().all(-2)
    n_speech, n_text = is_speech.sum(-1, keepdim=True), is_text.sum(-1, keepdim=True)
    places = torch.arange(values.shape[-1], device=values.device).expand(is_text.shape)
    path = (places * n_speech).div(n_text, rounding_mode="floor")
    return path.masked_fill(~is_text, NO_PARTNER)


DIAGONAL = PathFinder(
    name="diagonal",
    title="diagonal",
    sentence="Text tokens spread evenly over the clip, whatever the states are.",
    source="toy",
    find=_find,
)
