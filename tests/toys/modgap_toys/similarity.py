"""A third similarity function."""

import torch

from modgap_core.metrics import Similarity


def _pairwise(speech: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    return torch.cdist(speech.float(), text.float(), p=1)


def _of_means(speech: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    return (speech.float() - text.float()).abs().sum(-1)


MANHATTAN = Similarity(
    name="manhattan",
    title="Manhattan distance",
    symbol="f_1",
    higher_is_better=False,
    sentence="Sum over the dimensions of how far two states lie apart.",
    source="toy",
    pairwise=_pairwise,
    of_means=_of_means,
    range=(0.0, None),
)
