"""One intervention, fully described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from modgap_core.errors import InterventionError
from modgap_core.interventions.method import METHODS, Method
from modgap_core.interventions.token_choice import SPAN, TokenChoice

LAYER_MEAN = "mean"


@dataclass(frozen=True)
class Condition:
    """What is changed, how far, and where.

    Attributes:
        method: name of the intervention or control.
        tokens: which speech tokens; a method of the whole span, such as calibration, takes all of them.
        strength: 0 (nothing) to 1 (the paper's intervention).
        path_layer: layer 0..L whose cosine path chooses tokens and partners; None is the mean over 1..L.
        edit_layers: where the states are changed; 0 is the LLM input.
        seed: of what is random in the method.

    Raises:
        ModGapError: there is no such method.
        InterventionError: a strength outside 0..1, or no layer.
    """

    method: str = "angle"
    tokens: TokenChoice = field(default_factory=TokenChoice)
    strength: float = 1.0
    path_layer: int | None = None
    edit_layers: tuple[int, ...] = (0,)
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0.0 <= self.strength <= 1.0:
            raise InterventionError(f"The strength is {self.strength:g}; it must lie between 0 and 1.")
        if not self.edit_layers:
            raise InterventionError("No layer is chosen for the edit; choose at least one, 0 is the LLM input.")
        if self.edit.whole_span and self.tokens.kind != SPAN:
            object.__setattr__(self, "tokens", TokenChoice(SPAN))

    @property
    def edit(self) -> Method:
        """What the method is."""
        return METHODS.get(self.method)

    @property
    def label(self) -> str:
        """Short and unique among conditions of one table.

        >>> Condition(strength=0.5).label
        'angle bottom:3, strength 0.5'
        """
        parts = [f"{self.method} {self.tokens.label}"]
        parts += [f"strength {self.strength:g}"] if self.strength < 1 else []
        parts += [f"path of layer {self.path_layer}"] if self.path_layer is not None else []
        parts += [f"edit at {layers_label(self.edit_layers)}"] if self.edit_layers != (0,) else []
        parts += [f"seed {self.seed}"] if self.seed else []
        return ", ".join(parts)

    @classmethod
    def parse(cls, text: str) -> Condition:
        """From a label.

        Args:
            text: a method and tokens, then, between commas, ``strength S``, ``path of layer L``, ``edit at LAYERS`` and
                ``seed N`` where they are not the usual ones.

        Raises:
            InterventionError: it is no label, or ModGapError: it names something that is not there.

        Example:
            >>> Condition.parse("angle bottom:3, strength 0.5, edit at 0-2").edit_layers
            (0, 1, 2)
        """
        first, *further = text.strip().split(", ")
        method, _, tokens = first.partition(" ")
        given: dict[str, Any] = {"method": method, "tokens": TokenChoice.parse(tokens.strip() or "bottom:3")}
        for part in further:
            name = next((name for name in _PARTS if part.startswith(name)), None)
            if name is None:
                raise InterventionError(
                    f"{part!r} in the condition {text!r} says nothing; write {', '.join(f'{n}...' for n in _PARTS)}."
                )
            field_name, read = _PARTS[name]
            try:
                given[field_name] = read(part.removeprefix(name))
            except ValueError as error:
                raise InterventionError(f"{part!r} in the condition {text!r} holds no number.") from error
        return cls(**given)

    def check_layers(self, n_layers: int, editable: range) -> None:
        """Raise if a layer is not there.

        Args:
            n_layers: L.
            editable: layers that can be edited.
        """
        if self.path_layer is not None and not 0 <= self.path_layer <= n_layers:
            raise InterventionError(
                f"There is no path at layer {self.path_layer}; this model has the layers 0 to {n_layers}, "
                f"or {LAYER_MEAN} for the mean over 1 to {n_layers}."
            )
        for layer in self.edit_layers:
            if layer not in editable:
                raise InterventionError(
                    f"Layer {layer} cannot be edited; this model lets the layers {editable.start} to "
                    f"{editable.stop - 1} be changed."
                )


def layers_label(layers: tuple[int, ...]) -> str:
    """Layers as on the command line.

    >>> layers_label((0, 1, 2)), layers_label((2, 5))
    ('0-2', '2,5')
    """
    contiguous = len(layers) > 1 and layers == tuple(range(layers[0], layers[-1] + 1))
    return f"{layers[0]}-{layers[-1]}" if contiguous else ",".join(map(str, layers))


def parse_layers(text: str) -> tuple[int, ...]:
    """``3``, ``0-2`` or ``2,5`` as layers.

    >>> parse_layers("0-2"), parse_layers("2,5")
    ((0, 1, 2), (2, 5))
    """
    layers: list[int] = []
    try:
        for part in text.split(","):
            first, _, last = part.strip().partition("-")
            layers += range(int(first), int(last or first) + 1)
    except ValueError as error:
        raise InterventionError(f"{text!r} names no layers; write 0, 0-3 or 2,5.") from error
    return tuple(dict.fromkeys(layers))


def parse_path_layer(text: str) -> int | None:
    """A layer number, or ``mean``.

    >>> parse_path_layer("mean"), parse_path_layer("4")
    (None, 4)
    """
    if text == LAYER_MEAN:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise InterventionError(f"{text!r} is no layer for the path; write a number or {LAYER_MEAN}.") from error


_PARTS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "strength ": ("strength", float),
    "path of layer ": ("path_layer", parse_path_layer),
    "edit at ": ("edit_layers", parse_layers),
    "seed ": ("seed", int),
}
"""Parts of a label: the field and how it is read."""
