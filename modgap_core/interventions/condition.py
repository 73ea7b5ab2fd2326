"""One intervention, fully described."""

from __future__ import annotations

from dataclasses import dataclass, field

from modgap_core.errors import InterventionError
from modgap_core.interventions.method import Method
from modgap_core.interventions.token_choice import SPAN, TokenChoice

LAYER_MEAN = "mean"


@dataclass(frozen=True)
class Condition:
    """What is changed, how far, and where.

    Attributes:
        method: the intervention or control.
        tokens: which speech tokens; the calibration always takes the whole span.
        strength: 0 (nothing) to 1 (the paper's intervention).
        path_layer: layer 0..L whose cosine path chooses tokens and partners; None is the mean over 1..L.
        edit_layers: where the states are changed; 0 is the LLM input.
        seed: of the random direction.
    """

    method: Method = Method.ANGLE
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
        if self.method == Method.CALIBRATION and self.tokens.kind != SPAN:
            object.__setattr__(self, "tokens", TokenChoice(SPAN))

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
        return ", ".join(parts)

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


def parse_method(text: str) -> Method:
    """A method by its name."""
    try:
        return Method(text)
    except ValueError as error:
        raise InterventionError(f"Unknown method {text!r}; choose from {', '.join(Method)}.") from error
