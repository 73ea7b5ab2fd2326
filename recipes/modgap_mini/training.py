"""One training loop for all stages: bf16, AdamW, one cycle, resumes at the step it was killed at."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from safetensors.torch import save_file
from torch import nn

from recipes.modgap_mini.progress import Progress

_CHECKPOINT_EVERY = 200
Batch = TypeVar("Batch")


@dataclass(frozen=True)
class Schedule:
    """How long and how fast a stage trains."""

    steps: int
    peak_learning_rate: float
    warmup: float = 0.1
    weight_decay: float = 0.01

    def optimiser(self, module: nn.Module) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
        """AdamW over the parameters that require gradients, with a one-cycle learning rate."""
        parameters = [p for p in module.parameters() if p.requires_grad]
        optimiser = torch.optim.AdamW(parameters, lr=self.peak_learning_rate, weight_decay=self.weight_decay)
        cycle = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, self.peak_learning_rate, total_steps=self.steps, pct_start=self.warmup, cycle_momentum=False
        )
        return optimiser, cycle


def train(
    name: str,
    module: nn.Module,
    batch_of_step: Callable[[int], Batch],
    loss_of_batch: Callable[[Batch], torch.Tensor],
    schedule: Schedule,
    checkpoint: Path,
    keep_at: Collection[int] = (),
) -> None:
    """Train until the schedule ends.

    Args:
        name: shown with the progress.
        module: holds every trained parameter.
        batch_of_step: the batch of step i; it depends on the seed and i alone, so that a resumed run
            sees the same batches.
        loss_of_batch: the loss, computed under bf16 autocast.
        schedule: steps and learning rate.
        checkpoint: file that is written every 200 steps and resumed from.
        keep_at: after these steps (0 is the start) the trained parameters are kept for good (`kept_weights`).
    """
    optimiser, cycle = schedule.optimiser(module)
    start = _resume(checkpoint, module, optimiser, cycle)
    progress = Progress(name, schedule.steps, start)
    device = next(module.parameters()).device
    module.train()
    if start == 0 and 0 in keep_at:
        _keep(checkpoint, 0, module)
    for step in range(start, schedule.steps):
        torch.manual_seed(step)
        batch = batch_of_step(step)
        with torch.autocast(device.type, torch.bfloat16):
            loss = loss_of_batch(batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimiser.step()
        cycle.step()
        progress.tick(None, f"loss {loss.item():.4f}")
        if step + 1 in keep_at:
            _keep(checkpoint, step + 1, module)
        if (step + 1) % _CHECKPOINT_EVERY == 0 or step + 1 == schedule.steps:
            _save(checkpoint, step + 1, module, optimiser, cycle)
    module.eval()


def kept_weights(checkpoint: Path) -> dict[int, Path]:
    """Files with the trained parameters after each step that `train` kept, in the order of the steps."""
    kept = sorted(checkpoint.parent.glob(f"{checkpoint.name}.*.safetensors"))
    return {int(path.name.split(".")[-2]): path for path in kept}


def _keep(checkpoint: Path, step: int, module: nn.Module) -> None:
    trained = {name: p.detach().cpu().contiguous() for name, p in module.named_parameters() if p.requires_grad}
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    save_file(trained, checkpoint.with_name(f"{checkpoint.name}.{step:06d}.safetensors"))


def _save(
    path: Path, step: int, *parts: nn.Module | torch.optim.Optimizer | torch.optim.lr_scheduler.LRScheduler
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    torch.save({"step": step, "parts": [part.state_dict() for part in parts]}, fresh)
    os.replace(fresh, path)


def _resume(path: Path, *parts: nn.Module | torch.optim.Optimizer | torch.optim.lr_scheduler.LRScheduler) -> int:
    if not path.exists():
        return 0
    saved = torch.load(path, weights_only=True)
    for part, state in zip(parts, saved["parts"], strict=True):
        part.load_state_dict(state)
    return int(saved["step"])
