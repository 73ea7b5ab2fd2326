"""Speech as discrete units in the vocabulary (GLM-4-Voice, SpeechGPT): their format, and where they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modgap_core.audio.clip import Clip
from modgap_core.audio.sample_rate import SAMPLE_RATE_HZ
from modgap_core.errors import AudioError, ModelError
from modgap_core.models.modgap_json import MODGAP_JSON, read_modgap_json

UnitTokenizer = Callable[[NDArray[np.float32]], Sequence[int]]
"""A clip (n,), mono, 16 kHz, to its units, each 0..n_units-1."""


@dataclass(frozen=True)
class UnitFormat:
    """How a model writes speech.

    Attributes:
        token: the text of unit i, with ``{}`` for i.
        ms_per_unit: milliseconds of sound that the unit tokenizer makes one unit of.
        begin: what stands before the units.
        end: what stands after them.
        collapsed: whether the model takes a run of equal units as one; a speech token then has no fixed length.
        template: chat template (Jinja) for tokenizers that bring none.
    """

    token: str
    ms_per_unit: float
    begin: str = ""
    end: str = ""
    collapsed: bool = False
    template: str = ""


GLM_4_VOICE = UnitFormat(
    "<|audio_{}|>",
    80.0,
    "<|begin_of_audio|>",
    "<|end_of_audio|>",
    template="<|user|>\n{{ messages[0]['content'] }}<|assistant|>\n",
)
SPEECH_GPT = UnitFormat(
    "<{}>",
    20.0,
    "<sosp>",
    "<eosp>",
    collapsed=True,
    template="[Human]: {{ messages[0]['content'] }} <eoh>. [SpeechGPT]: ",
)


def unit_format(folder: Path, trust_remote_code: bool = False) -> UnitFormat | None:
    """The unit format of a model folder, or None if its vocabulary holds no speech units.

    It is what ``"units"`` in modgap.json says, else a published one whose marks are in the vocabulary.

    Raises:
        ModelError: modgap.json does not describe a unit format.
    """
    if "units" in (described := read_modgap_json(folder)):
        return _described(folder, described["units"])
    from transformers import AutoTokenizer

    try:
        vocabulary = AutoTokenizer.from_pretrained(folder, trust_remote_code=trust_remote_code).get_vocab()
    except (OSError, ValueError, KeyError, ImportError):
        return None
    known = (f for f in (GLM_4_VOICE, SPEECH_GPT) if {f.begin, f.end, f.token.format(0)} <= vocabulary.keys())
    return next(known, None)


def _described(folder: Path, description: Any) -> UnitFormat:
    names = ", ".join(field.name for field in fields(UnitFormat))
    try:
        described = UnitFormat(**description)
        if "{}" in described.token and described.ms_per_unit > 0:
            return described
    except TypeError:
        pass
    raise ModelError(
        f'"units" in the {MODGAP_JSON} of {folder.name!r} describes no unit format; it takes {names}, with {{}} for '
        "the number in token and ms_per_unit above 0."
    )


def collapse(units: Sequence[int]) -> list[int]:
    """A run of equal units as one.

    >>> collapse([7, 7, 7, 2, 7])
    [7, 2, 7]
    """
    return [unit for unit, _run in groupby(units)]


class GivenUnits:
    """Units that are known for some clips only, in the place of a unit tokenizer.

    Args:
        units: by the clip's `Clip.sha256`.
    """

    def __init__(self, units: Mapping[str, Sequence[int]] | None = None) -> None:
        self.units = dict(units or {})

    def __call__(self, wave: NDArray[np.float32]) -> Sequence[int]:
        """The units of a clip.

        Raises:
            AudioError: none were given for this sound.
        """
        try:
            return self.units[Clip(wave, "").sha256]
        except KeyError:
            raise AudioError(
                "This model takes speech as discrete units, and none were given for this clip; give --units, or a "
                "unit tokenizer (--unit-tokenizer MODULE:FUNCTION)."
            ) from None


def parse_units(text: str) -> tuple[int, ...]:
    """Units as numbers between blanks or commas, or a file of such.

    >>> parse_units("12 7,7 930")
    (12, 7, 7, 930)
    """
    path = Path(text)
    written = path.read_text(encoding="utf-8") if len(text) < 1000 and path.is_file() else text
    try:
        units = tuple(int(number) for number in written.replace(",", " ").split())
    except ValueError as error:
        raise AudioError(f"{text[:60]!r} is neither a file nor a list of unit numbers such as '12 7 930'.") from error
    if not units:
        raise AudioError("The list of units is empty; give at least one number.")
    return units


def import_unit_tokenizer(name: str) -> UnitTokenizer:
    """``module:function`` as a unit tokenizer; the module is imported from Python's path."""
    module, _, function = name.partition(":")
    try:
        found = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ModelError(f"{name!r} is no unit tokenizer ({error}); write MODULE:FUNCTION.") from error
    if not callable(found):
        raise ModelError(f"{name!r} is no function from samples to units.")
    return found  # type: ignore[no-any-return]


def made_up_units(ms_per_unit: float, n_units: int) -> UnitTokenizer:
    """Units that mean nothing, as many as the sound is long: for checks of a model alone."""

    def count_up(wave: NDArray[np.float32]) -> Sequence[int]:
        return [i % n_units for i in range(int(1000 * wave.size / SAMPLE_RATE_HZ / ms_per_unit))]

    return count_up
