"""From the measures of each layer to everything measured of a pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from modgap_core.analysis.layer_measures import LayerMeasures, evaluated, needs_only_matrices
from modgap_core.metrics import PATHS, QUANTITIES, SIMILARITIES, Key, Level, Measures, Null
from modgap_core.metrics.mean_of_defined import mean_of_defined
from modgap_core.metrics.null_reference import token_orders
from modgap_core.results.measured import Array, LayerValues, Measured, path_name
from modgap_core.states.layer_view import LayerView

N_SHUFFLES = 200
_SHUFFLE_SEED = 0


def finished_pair(
    layers: Sequence[LayerMeasures], measures: Measures, n_shuffles: int = N_SHUFFLES, row: int = 0
) -> Measured:
    """One pair whose matrices were kept: what needs only them is computed for all layers at once.

    Args:
        layers: N entries, from `measure_layer`.
        measures: what was chosen.
        n_shuffles: orders of the text tokens for the shuffled null; 0 for none.
        row: of the batch.
    """
    own = [layer.row(row).cpu() for layer in layers]
    matrices = {name: torch.cat([layer.matrices[name] for layer in own]) for name in measures.matrices}
    view = LayerView(None, None, matrices=matrices)
    late = _Late(view, n_shuffles)
    found = [late.values_of(key, own) for key in measures.keys_of(Level.LAYER, Level.TOKEN)]
    return Measured(
        layers={_column(values.key): values for values in found},
        paths={
            path_name(name, path): view.path(SIMILARITIES.get(name), PATHS.get(path)).numpy()
            for path in measures.paths
            for name in measures.similarities
        },
        matrices={name: _numpy(matrices[name]) for name in measures.similarities},
    )


@dataclass(frozen=True)
class _Late:
    """What is left to compute when the layers of a pair are there."""

    view: LayerView
    n_shuffles: int

    def values_of(self, key: Key, own: Sequence[LayerMeasures]) -> LayerValues:
        quantity = QUANTITIES.get(key.quantity)
        if needs_only_matrices(quantity):
            values = evaluated(self.view, key)
        else:
            values = torch.cat([layer.values[key] for layer in own])
        if quantity.null == Null.SHUFFLED:
            null = self._shuffled(key)
        elif key in own[0].null:
            null = torch.stack([layer.null[key][0] for layer in own], dim=-1)
        else:
            null = values.new_empty(0, len(own))
        return _layer_values(key, _numpy(values), _numpy(null))

    def _shuffled(self, key: Key) -> torch.Tensor:
        """(K, N) under K random orders of the text tokens."""
        quantity = QUANTITIES.get(key.quantity)
        if quantity.shuffled is not None:
            path = self.view.path(SIMILARITIES.get(key.similarity), PATHS.get(key.path))
            found: torch.Tensor = quantity.shuffled(path, self.n_shuffles, _SHUFFLE_SEED)
            return found
        n_layers, n_text = self.view.shape[0], next(iter(self.view.known_matrices.values())).shape[-1]
        orders = token_orders(n_text, self.n_shuffles, _SHUFFLE_SEED)
        each = [evaluated(self.view.shuffled(order), key) for order in orders]
        means = [mean_of_defined(e) if quantity.level == Level.TOKEN else e for e in each]
        return torch.stack(means) if means else torch.empty(0, n_layers)


def finished_rows(
    layers: Sequence[LayerMeasures], measures: Measures, n_text: Sequence[int], others: Sequence[Sequence[int]]
) -> list[Measured]:
    """Each pair of a batch whose matrices were not kept.

    Args:
        layers: N entries, from `measure_layer`.
        measures: what was chosen.
        n_text: Tt of each row.
        others: of each row, which of the 2M mismatched pairs say something else.
    """
    own = [layer.cpu() for layer in layers]
    values = {key: _numpy(_by_layer([layer.values[key] for layer in own])) for key in own[0].values}
    null = {key: _numpy(torch.stack([layer.null[key] for layer in own], dim=1)) for key in own[0].null}
    paths = {
        path_name(*names): torch.stack([layer.paths[names] for layer in own], dim=1).int().numpy()
        for names in own[0].paths
    }
    return [_row(row, n, kept, values, null, paths) for row, (n, kept) in enumerate(zip(n_text, others, strict=True))]


def _by_layer(values: list[torch.Tensor]) -> torch.Tensor:
    """(B, N) or, of tokens, (B, N, Tt)."""
    return torch.stack(values, dim=1)


def _row(
    row: int,
    n_text: int,
    others: Sequence[int],
    values: Mapping[Key, Array],
    null: Mapping[Key, Array],
    paths: Mapping[str, NDArray[Any]],
) -> Measured:
    found = []
    for key, of_all in values.items():
        own = of_all[row] if of_all.ndim == 2 else of_all[row, :, :n_text]
        nothing = np.empty((0, len(own)), np.float32)
        mismatched = null[key][row][:, list(others)].T if key in null and others else nothing
        found.append(_layer_values(key, own, mismatched))
    return Measured(
        layers={_column(each.key): each for each in found},
        paths={name: path[row, :, :n_text] for name, path in paths.items()},
    )


def _layer_values(key: Key, values: Array, null: Array) -> LayerValues:
    if values.ndim == 1:
        return LayerValues(key, values, null)
    return LayerValues(key, mean_of_defined(values).astype(np.float32), null, tokens=values)


def _column(key: Key) -> str:
    return QUANTITIES.get(key.quantity).layer_column(key.similarity, key.path)


def _numpy(values: torch.Tensor) -> Array:
    return values.detach().float().cpu().numpy()
