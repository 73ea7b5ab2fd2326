"""All quantities of one layer, computed while the layer is there (reduction on the fly), for one pair or a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from modgap_core.metrics import PATHS, QUANTITIES, SIMILARITIES, Key, Level, Measures, Need, Null, Quantity
from modgap_core.metrics.mean_of_defined import mean_of_defined
from modgap_core.models.hooks import Reduce
from modgap_core.states.layer_view import LayerView
from modgap_core.states.null_bank import NullBank
from modgap_core.states.rows import Rows

_OF_MATRICES = frozenset({Need.MATRIX, Need.PATH})


@dataclass(frozen=True)
class LayerMeasures:
    """One layer of B pairs.

    Attributes:
        values: (B,) by key; (B, Tt) of quantities of tokens.
        null: (B, 2M) by key: this speech with M other transcripts, then this transcript with M other clips.
        matrices: (B, Ts, Tt) A_l by similarity function, where they are kept. What needs only them is computed later,
            for all layers at once.
        paths: (B, Tt) by similarity function and path, where matrices are not kept.
    """

    values: dict[Key, torch.Tensor]
    null: dict[Key, torch.Tensor]
    matrices: dict[str, torch.Tensor]
    paths: dict[tuple[str, str], torch.Tensor]

    def cpu(self) -> LayerMeasures:
        """The same on the CPU; a model's layers may lie on several devices."""
        return LayerMeasures(*({key: value.cpu() for key, value in part.items()} for part in self._parts()))  # type: ignore[arg-type]

    def _parts(self) -> tuple[dict[object, torch.Tensor], ...]:
        return self.values, self.null, self.matrices, self.paths  # type: ignore[return-value]

    def row(self, number: int) -> LayerMeasures:
        """One pair of the batch, still with its leading axis."""
        one = slice(number, number + 1)
        return LayerMeasures(*({key: value[one] for key, value in part.items()} for part in self._parts()))  # type: ignore[arg-type]


def needs_only_matrices(quantity: Quantity) -> bool:
    """Whether a quantity can be computed from the kept matrices of all layers at once."""
    return quantity.needs <= _OF_MATRICES and bool(quantity.needs)


def measure_layer(
    speech: Rows,
    text: Rows,
    measures: Measures,
    bank: NullBank | None = None,
    entry: int = 0,
    *,
    keep_matrices: bool = True,
) -> LayerMeasures:
    """What is chosen, on one layer.

    Args:
        speech: B rows of speech spans.
        text: B rows of transcript spans.
        measures: what is chosen.
        bank: other utterances, or None for no null reference.
        entry: index of this layer in the bank.
        keep_matrices: for pairs that are looked at one by one; a corpus keeps the paths instead.
    """
    view, mismatched = LayerView(speech, text), None if bank is None else Mismatched(speech, text, bank, entry)
    values: dict[Key, torch.Tensor] = {}
    null: dict[Key, torch.Tensor] = {}
    for key in measures.keys_of(Level.LAYER, Level.TOKEN):
        quantity = QUANTITIES.get(key.quantity)
        if not (keep_matrices and needs_only_matrices(quantity)):
            values[key] = evaluated(view, key)
        if mismatched is not None and quantity.null == Null.MISMATCHED:
            null[key] = mismatched.evaluated(key)
    names = [(name, path) for path in measures.paths for name in measures.similarities]
    return LayerMeasures(
        values,
        null,
        {name: view.matrix(SIMILARITIES.get(name)) for name in measures.matrices} if keep_matrices else {},
        {} if keep_matrices else {(s, p): view.path(SIMILARITIES.get(s), PATHS.get(p)) for s, p in names},
    )


def evaluated(view: LayerView, key: Key) -> torch.Tensor:
    """A quantity of a view under the key's similarity function and path."""
    function = SIMILARITIES.get(key.similarity) if key.similarity else None
    finder = PATHS.get(key.path) if key.path else None
    return view.evaluate(QUANTITIES.get(key.quantity), function, finder)


class Mismatched:
    """This speech with other transcripts, and this transcript with other clips, at one layer.

    Args:
        speech: B rows of speech spans.
        text: B rows of transcript spans.
        bank: other utterances.
        entry: index of this layer in the bank.
    """

    def __init__(self, speech: Rows, text: Rows, bank: NullBank, entry: int) -> None:
        device = speech.states.device
        self._against_text = LayerView(speech, bank.text.at(entry).to(device), crossed=True)
        self._against_speech = LayerView(bank.speech.at(entry).to(device), text, crossed=True)

    def evaluated(self, key: Key) -> torch.Tensor:
        """(B, 2M)."""
        this_speech, this_text = evaluated(self._against_text, key), evaluated(self._against_speech, key)
        if QUANTITIES.get(key.quantity).level == Level.TOKEN:
            this_speech, this_text = mean_of_defined(this_speech), mean_of_defined(this_text)
        return torch.cat([this_speech, this_text.transpose(0, 1)], dim=1)


def measure_against(
    text: Sequence[Rows],
    spans: Sequence[slice],
    measures: Measures,
    bank: NullBank | None,
    *,
    keep_matrices: bool = True,
) -> Reduce:
    """A reduction for the speech run: each layer's speech spans are measured against the stored text spans.

    Args:
        text: for each of the N entries, from the text run.
        spans: of the speech, one a row.
        measures: what is chosen.
        bank: other utterances, or None.
        keep_matrices: see `measure_layer`.
    """

    def reduce(layer: int, states: torch.Tensor, _span: torch.Tensor) -> LayerMeasures:
        # the entry AFTER_NORM is the last one, -1
        return measure_layer(Rows.of(states, spans), text[layer], measures, bank, layer, keep_matrices=keep_matrices)

    return reduce


def keep_rows(spans: Sequence[slice]) -> Reduce:
    """A reduction that keeps each row's span states."""

    def reduce(_layer: int, states: torch.Tensor, _span: torch.Tensor) -> Rows:
        return Rows.of(states, spans)

    return reduce
