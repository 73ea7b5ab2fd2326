"""The columns of a run's tables: name -> what it is, with its unit. Written into the Parquet files too.

What is fixed stands here; the columns of the quantities follow from their declarations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from modgap_core.metrics import QUANTITIES, Key, Level, Measures, Null, Quantity

ITEMS = {
    "row": "number of the item in the manifest, from 0",
    "id": "of the manifest",
    "audio": "name of the sound file",
    "transcript": "what is said",
    "reference": "the right answer; empty where there is none",
    "task": "qa, mcq, refusal, ifeval or none",
    "status": "ok or failed",
    "reason": "why it failed",
    "clip_sha256": "SHA-256 of the samples (mono, 16 kHz, float32)",
    "duration_s": "length of the clip, seconds",
    "n_speech_tokens": "Ts, speech tokens",
    "n_text_tokens": "Tt, text tokens of the transcript",
    "heard": "what the ASR wrote; empty without a pipeline",
}
"""One row an item; then its quantities. Any other column is a slice of the manifest."""

ANSWERS = {
    "row": "of the item",
    "id": "of the item",
    "condition": "text, speech, pipeline, pipeline_backbone, text_backbone, or an intervention's label",
    "answer": "greedy",
}
"""One row an item and condition."""

SCORES = {
    "row": "of the item",
    "id": "of the item",
    "condition": "as in the answers",
    "scorer": "name",
    "is_primary": "whether this is the task's main scorer",
    "value": "0..1; empty where it could not be scored",
    "rule": "what in the answer gave the score",
}
"""One row an item, condition and scorer."""

LAYERS = {
    "row": "of the item",
    "id": "of the item",
    "entry": "0..L are layers 0..L (L before the final norm); L + 1 is layer L after the final norm",
}
"""One row an item and layer; then the quantities of layers."""

TABLES = ("items", "answers", "scores", "layers")


class Part(StrEnum):
    """Which part of a quantity a column holds."""

    VALUE = "value"
    NULL = "null"
    """Mean over mismatched pairs."""
    Z = "z"
    """Value less the null's mean, in the null's standard deviations."""


@dataclass(frozen=True)
class QuantityColumn:
    """A column that holds a quantity.

    Attributes:
        key: quantity, similarity function and path.
        part: value, null or z.
        description: for people.
    """

    key: Key
    part: Part
    description: str

    def metadata(self) -> dict[str, str]:
        """For the Parquet file."""
        key = self.key
        told = {"quantity": key.quantity, "similarity": key.similarity, "path": key.path}
        return {"description": self.description, "part": self.part.value, **told}

    @classmethod
    def of_metadata(cls, found: Mapping[bytes, bytes]) -> QuantityColumn | None:
        """The reverse; None for another column."""
        told = {name.decode(): value.decode() for name, value in found.items()}
        if "quantity" not in told:
            return None
        key = Key(told["quantity"], told.get("similarity", ""), told.get("path", ""))
        return cls(key, Part(told.get("part", Part.VALUE)), told.get("description", ""))


def item_quantities(measures: Measures) -> dict[str, QuantityColumn]:
    """The columns of the quantities in the table of items."""
    keys = [(key, QUANTITIES.get(key.quantity)) for key in measures.keys_of()]
    values = {q.column(k.similarity, k.path): _column(k, q, Part.VALUE) for k, q in keys}
    has_null = [(k, q) for k, q in keys if q.null == Null.MISMATCHED]
    null = {f"null_{q.column(k.similarity, k.path)}": _column(k, q, Part.NULL) for k, q in has_null}
    return values | null | {f"z_{q.column(k.similarity, k.path)}": _column(k, q, Part.Z) for k, q in has_null}


def layer_quantities(measures: Measures) -> dict[str, QuantityColumn]:
    """The columns of the quantities in the table of layers."""
    keys = [(key, QUANTITIES.get(key.quantity)) for key in measures.keys_of(Level.LAYER, Level.TOKEN)]
    values = {q.layer_column(k.similarity, k.path): _column(k, q, Part.VALUE, layer=True) for k, q in keys}
    return values | {
        f"null_{q.layer_column(k.similarity, k.path)}": _column(k, q, Part.NULL, layer=True)
        for k, q in keys
        if q.null == Null.MISMATCHED
    }


def _column(key: Key, quantity: Quantity, part: Part, layer: bool = False) -> QuantityColumn:
    title = quantity.title_of(key.similarity, key.path, layer)
    higher = quantity.higher_is_better(key.similarity)
    better = {True: "higher is better", False: "lower is better", None: ""}[higher]
    words = {
        Part.VALUE: [title, "" if layer else quantity.over_layers_words, quantity.unit, better],
        Part.NULL: [title, "mean over mismatched pairs"],
        Part.Z: [title, "less the null's mean, in the null's standard deviations", better],
    }[part]
    source = f" ({quantity.source})" if part == Part.VALUE else ""
    return QuantityColumn(key, part, ", ".join(filter(None, words)) + source)


_TAKEN = {"text", "speech", "pipeline", "pipeline_backbone", "text_backbone", "model", "slice", "value", "items"}
_TAKEN |= {"n", "clusters", "cluster_by", "mde", "p", "p_bh"}
_TAKEN_BEGINNINGS = ("answer_", "score_", "gap", "relative_gap", "mrr", "order")


def is_taken(name: str, quantities: Iterable[str] | None = None) -> bool:
    """Whether a column of the results is named so, and a slice cannot be.

    Args:
        name: of a column.
        quantities: columns of quantities; by default those of a default run.

    >>> is_taken("status"), is_taken("aps_cosine"), is_taken("accent")
    (True, True, False)
    """
    known = item_quantities(Measures()) if quantities is None else quantities
    return name in ITEMS or name in known or name in _TAKEN or name.startswith(_TAKEN_BEGINNINGS)
