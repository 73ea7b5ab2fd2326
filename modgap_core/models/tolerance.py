"""How far two runs of one computation may differ: the one bound of the self-check, the doctor and the tests.

A matrix product is summed in another order by another processor, number of threads, batch or cache, so that equal
computations differ in the last bits, and every block adds its own. Measured on all tested architectures between
instruction sets and thread counts, the states of a token differ by up to 2e-5 of their size in float32 and 3e-2 in
bfloat16, while neighbouring layers of one token differ by a third of its size or more. The bound lies between, where a
wrong layer, mask or position is still told from rounding: the square root of the precision's machine epsilon, 3.5e-4
in float32 and 0.09 in bfloat16. Depth does not enter: roundings of n blocks add up like a random walk, to about sqrt(n)
epsilon, which even in bfloat16 stays below the bound for a hundred blocks.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from modgap_core.models.speech_lm import SpeechLM

_TINY = 1e-30


def relative_tolerance(dtype: torch.dtype) -> float:
    """The largest `relative_difference` that rounding in this precision explains.

    Args:
        dtype: the precision that the computation ran in.

    >>> round(relative_tolerance(torch.float32), 5), round(relative_tolerance(torch.bfloat16), 3)
    (0.00035, 0.088)
    """
    return math.sqrt(torch.finfo(dtype).eps)


def tolerance_of(model: SpeechLM) -> float:
    """The largest `relative_difference` between two runs of a model that rounding explains.

    Quantized weights count as bfloat16, whose epsilon is that of eight bits. float32 on a GPU counts as float16,
    whose epsilon is that of TF32, in which PyTorch lets convolutions run there.
    """
    if getattr(model.adapter.model, "is_quantized", False):
        return relative_tolerance(torch.bfloat16)
    if model.dtype == torch.float32 and model.device.type == "cuda":
        return relative_tolerance(torch.float16)
    return relative_tolerance(model.dtype)


def relative_differences(found: torch.Tensor, expected: torch.Tensor) -> torch.Tensor:
    """Root mean square of the difference over that of the expected vector, for each vector (..., d) -> (...).

    Each vector is measured by its own size, because tokens of one prompt differ in size by orders of magnitude.
    Equal infinities (masked logits) do not differ; NaN stays NaN, so that no comparison with it holds.

    >>> relative_differences(torch.tensor([[5.0, 0.0], [0.0, 0.0]]), torch.tensor([[4.0, 0.0], [0.0, 0.0]])).tolist()
    [0.25, 0.0]
    """
    a, b = found.float(), expected.float()
    difference = torch.where(a == b, 0.0, a - b).norm(dim=-1)
    size = torch.where(b.isinf(), 0.0, b).norm(dim=-1)
    return difference / size.clamp_min(_TINY)  # type: ignore[no-any-return]


def relative_difference(found: torch.Tensor, expected: torch.Tensor) -> float:
    """The largest of `relative_differences`; 0 where there is no vector, NaN where one holds NaN."""
    differences = relative_differences(found, expected)
    return float(differences.max()) if differences.numel() else 0.0
