"""Speech and text states at one layer, as a quantity sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import torch

from modgap_core.errors import ModGapError
from modgap_core.metrics.path import PathFinder
from modgap_core.metrics.quantity import Level, Quantity
from modgap_core.metrics.similarity import Similarity
from modgap_core.states.rows import Rows

_Found = TypeVar("_Found")


class LayerView:
    """Pairs of speech and text rows at one layer; matrices and paths are computed once, when they are asked for.

    A view has leading axes: (B,) for B pairs, (B, M) where each of B rows meets each of M (``crossed``), (N,) for the N
    layers of one pair of which only the matrices were kept.

    Args:
        speech: rows of speech; None where only matrices are at hand.
        text: rows of text; None likewise.
        crossed: every speech row meets every text row.
        matrices: (..., Ts, Tt) that are known, by similarity function; NaN is undefined, or padding.
    """

    def __init__(
        self,
        speech: Rows | None,
        text: Rows | None,
        *,
        crossed: bool = False,
        matrices: Mapping[str, torch.Tensor] | None = None,
    ) -> None:
        self._speech, self._text, self.crossed = speech, text, crossed
        self._matrices = dict(matrices or {})
        self._paths: dict[tuple[str, str], torch.Tensor] = {}

    @property
    def speech(self) -> Rows:
        """Speech states of the layer.

        Raises:
            ModGapError: only the matrices are at hand.
        """
        return _at_hand(self._speech)

    @property
    def text(self) -> Rows:
        """Text states of the layer."""
        return _at_hand(self._text)

    @property
    def speech_states(self) -> torch.Tensor:
        """(Ts, d) of a view of a single pair."""
        return self.speech.row(0)

    @property
    def text_states(self) -> torch.Tensor:
        """(Tt, d) of a view of a single pair."""
        return self.text.row(0)

    @property
    def speech_mean(self) -> torch.Tensor:
        """(..., d) mean-pooled; broadcasts with `text_mean` to the leading axes."""
        return self.speech.means.unsqueeze(1) if self.crossed else self.speech.means

    @property
    def text_mean(self) -> torch.Tensor:
        """(..., d) mean-pooled."""
        return self.text.means

    def matrix(self, function: Similarity) -> torch.Tensor:
        """A_l (..., Ts, Tt); NaN where it is undefined, and outside a row's tokens."""
        return _once(self._matrices, function.name, lambda: self._matrix(function))

    def _matrix(self, function: Similarity) -> torch.Tensor:
        speech, text = self.speech, self.text
        if not self.crossed:
            both = speech.is_token.unsqueeze(-1) & text.is_token.unsqueeze(-2)
            return function.pairwise(speech.states, text.states).masked_fill(~both, float("nan"))
        (b, ts, width), (m, tt, _) = speech.states.shape, text.states.shape
        flat = function.pairwise(speech.states.reshape(b * ts, width), text.states.reshape(m * tt, width))
        both = speech.is_token[:, None, :, None] & text.is_token[None, :, None, :]
        return flat.view(b, ts, m, tt).transpose(1, 2).masked_fill(~both, float("nan"))

    def path(self, function: Similarity, finder: PathFinder) -> torch.Tensor:
        """(..., Tt) alignment path; `NO_PARTNER` is no partner, and padding."""
        return _once(self._paths, (function.name, finder.name), lambda: finder.find(self.matrix(function), function))

    def terms(self, function: Similarity, finder: PathFinder) -> torch.Tensor:
        """(...,) what the layer adds to the score of a path."""
        matrix = self.matrix(function)
        if self.crossed and finder.quick_terms is not None:
            return finder.quick_terms(matrix, function)
        return finder.terms(matrix, self.path(function, finder), function)

    def shuffled(self, order: torch.Tensor) -> LayerView:
        """The same with its text tokens in another order (Tt,); of a view of matrices or of a single pair."""
        text = None if self._text is None else Rows(self._text.states[:, order], self._text.is_token[:, order])
        return LayerView(
            self._speech, text, matrices={name: matrix[..., order] for name, matrix in self._matrices.items()}
        )

    def pairs(self) -> Iterator[LayerView]:
        """A view of a single pair for each index of the leading axes, in order, without padding."""
        if self._speech is None or self._text is None:
            for number in range(len(next(iter(self._matrices.values())))):
                yield LayerView(None, None, matrices={name: m[number] for name, m in self._matrices.items()})
            return
        n_speech, n_text = len(self._speech.states), len(self._text.states)
        met = [(i, j) for i in range(n_speech) for j in range(n_text)] if self.crossed else None
        for i, j in met or zip(range(n_speech), range(n_text), strict=True):
            yield LayerView(Rows.whole(self._speech.row(i)[None]), Rows.whole(self._text.row(j)[None]))

    @property
    def known_matrices(self) -> Mapping[str, torch.Tensor]:
        """The matrices that were computed or given, by similarity function."""
        return self._matrices

    @property
    def shape(self) -> tuple[int, ...]:
        """The leading axes."""
        if self._speech is None or self._text is None:
            return tuple(next(iter(self._matrices.values())).shape[:-2])
        return (len(self._speech.states), len(self._text.states)) if self.crossed else (len(self._speech.states),)

    def evaluate(self, quantity: Quantity, function: Similarity | None, finder: PathFinder | None) -> torch.Tensor:
        """A quantity of the level layer, (...,), or token, (..., Tt); float32.

        Raises:
            ModGapError: it returned something of another shape.
        """
        if quantity.batched:
            return quantity.compute(self, function, finder).float()  # type: ignore[no-any-return]
        found = [_as_tensor(quantity.compute(pair, function, finder)) for pair in self.pairs()]
        stacked = _stacked(quantity, [values.float().cpu() for values in found])
        return stacked.view(*self.shape, *stacked.shape[1:])


def _as_tensor(values: object) -> torch.Tensor:
    """A number, an array or a tensor, without the axis of a single pair."""
    tensor = torch.as_tensor(values)
    return tensor[0] if tensor.dim() and tensor.shape[0] == 1 else tensor


def _stacked(quantity: Quantity, values: list[torch.Tensor]) -> torch.Tensor:
    wanted = 1 if quantity.level == Level.TOKEN else 0
    for each in values:
        if each.dim() != wanted:
            shape = "(Tt,), one number a text token" if wanted else "(), one number"
            raise ModGapError(
                f"The quantity {quantity.name!r} returned the shape {tuple(each.shape)} for one pair at one layer; it "
                f"must be {shape}."
            )
    if not wanted:
        return torch.stack(values)
    return torch.nn.utils.rnn.pad_sequence(values, batch_first=True, padding_value=float("nan"))


def _at_hand(rows: Rows | None) -> Rows:
    if rows is None:
        raise ModGapError("The states of this layer were not kept; declare that the quantity needs them (Need.STATES).")
    return rows


def _once(known: dict[str, _Found] | dict[tuple[str, str], _Found], key: object, make: Callable[[], _Found]) -> _Found:
    store: dict[object, _Found] = known  # type: ignore[assignment]  # both kinds of key
    if key not in store:
        store[key] = make()
    return store[key]
