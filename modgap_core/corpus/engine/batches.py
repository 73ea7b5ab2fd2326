"""Which items run together: fixed by manifest and settings, so that a resumed run makes the same batches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from modgap_core.corpus.manifest.item import CorpusItem


@dataclass(frozen=True)
class ItemBatch:
    """Items that run together.

    Attributes:
        number: names the shard of results.
        items: sorted by length.
    """

    number: int
    items: tuple[CorpusItem, ...]

    @property
    def name(self) -> str:
        """Of the shard's folder.

        >>> ItemBatch(7, ()).name
        '00007'
        """
        return f"{self.number:05d}"


def make_batches(items: Sequence[CorpusItem], batch_size: int, batch_seconds: float) -> list[ItemBatch]:
    """Items of like length together; what has no readable header runs alone.

    Args:
        items: of the manifest.
        batch_size: most items in a batch.
        batch_seconds: most seconds in a batch, its longest clip times its items; one item may exceed it alone.
    """
    durations = {item.row: item.duration_s for item in items}
    groups: list[list[CorpusItem]] = [[]]
    for item in sorted(items, key=lambda i: (durations[i.row], i.row)):
        seconds = durations[item.row] * (len(groups[-1]) + 1)  # sorted: this one is the longest
        full = len(groups[-1]) == batch_size or seconds > batch_seconds or math.isinf(durations[item.row])
        if groups[-1] and full:
            groups.append([])
        groups[-1].append(item)
    return [ItemBatch(i, tuple(group)) for i, group in enumerate(groups) if group]
