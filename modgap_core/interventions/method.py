"""Methods: what is done to chosen speech tokens, each declared once, the controls among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modgap_core.registry import Registry

if TYPE_CHECKING:
    import torch

    from modgap_core.interventions.token_choice import TokenPair


@dataclass(frozen=True)
class ChosenStates:
    """What a method works on, at the layer of the edit.

    Attributes:
        speech_span: (Ts, d) states of the whole speech span.
        text_span: (Tt, d) states of the transcript that the method turns to: the clip's own, or another question's.
        speech_tokens: n numbers of the chosen speech tokens.
        text_tokens: n numbers of the text tokens that they are turned to.
        strength: 0 (nothing) to 1.
        seed: of what is random.
    """

    speech_span: torch.Tensor
    text_span: torch.Tensor
    speech_tokens: Sequence[int]
    text_tokens: Sequence[int]
    strength: float
    seed: int

    @property
    def speech(self) -> torch.Tensor:
        """(n, d) states of the chosen speech tokens."""
        return self.speech_span[list(self.speech_tokens)]

    @property
    def text(self) -> torch.Tensor:
        """(n, d) states of their text tokens."""
        return self.text_span[list(self.text_tokens)]


@dataclass(frozen=True)
class Method:
    """An edit of speech states, declared once; choices, words, tables and the command line follow from it.

    Attributes:
        name: the key in results and on the command line.
        title: for people.
        sentence: what it does.
        source: where it comes from.
        uses: what the new states are made of, beside the speech states themselves. Where it is the right transcript,
            the edit writes the words that were spoken into the prompt: it probes what position and direction do, and is
            an upper bound, no repair for speech whose words are not known.
        apply: the chosen states to their new ones, (n, d) in float32; where a row is not finite, the token keeps its
            own.
        is_control: shows what an edit of that size does that should not repair.
        whole_span: takes every token of the span, whatever is chosen.
        other_transcript: turns to the words of another question.
        turn: the chosen pairs and Tt to the pairs that are turned to; None where they stay.
        changes_nothing: writes the states back as they are.
        in_sweeps: may be swept over k, layer and strength.

    Example:
        >>> METHODS.get("angle").uses, METHODS.get("identity").is_control
        ('right transcript', True)
    """

    name: str
    title: str
    sentence: str
    source: str
    uses: str
    apply: Callable[[ChosenStates], torch.Tensor]
    is_control: bool = False
    whole_span: bool = False
    other_transcript: bool = False
    turn: Callable[[tuple[TokenPair, ...], int], tuple[TokenPair, ...]] | None = None
    changes_nothing: bool = False
    in_sweeps: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """For choices.

        >>> METHODS.get("identity").label
        'Identity (control)'
        """
        return f"{self.title} (control)" if self.is_control else self.title


USES_WORDS = (
    "Angle projection, length normalization and both use the transcript: they write states of the right words into the "
    "prompt. A gain is an upper bound and shows what position and direction do; it is no repair for speech whose words "
    "are not known. The controls write in the same words at wrong places (rolled-transcript), another question's words "
    "(other-transcript), a random direction, the words' mean and spread (calibration), or nothing (identity)."
)
"""Stands wherever results of interventions are shown."""


_FOLDER = "modgap_core.interventions.methods"
METHODS: Registry[Method] = Registry(
    "method",
    "modgap.methods",
    {
        "angle": f"{_FOLDER}.angle_projection:ANGLE",
        "length": f"{_FOLDER}.length_normalization:LENGTH",
        "both": f"{_FOLDER}.both:BOTH",
        "rolled-transcript": f"{_FOLDER}.rolled_transcript:ROLLED_TRANSCRIPT",
        "other-transcript": f"{_FOLDER}.other_transcript:OTHER_TRANSCRIPT",
        "random-direction": f"{_FOLDER}.random_direction:RANDOM_DIRECTION",
        "calibration": f"{_FOLDER}.calibration:CALIBRATION",
        "identity": f"{_FOLDER}.identity:IDENTITY",
    },
    Method,
)


def uses_of(label: str) -> str:
    """What an edit uses, by its condition's label; empty for a label that is none, or whose method is not installed.

    >>> uses_of("other-transcript all"), uses_of("speech")
    ('another transcript', '')
    """
    name = label.partition(" ")[0]
    return METHODS.get(name).uses if name in METHODS else ""


def is_other_transcript(label: str) -> bool:
    """Whether a condition of this label writes in another question's words.

    >>> is_other_transcript("other-transcript all"), is_other_transcript("speech")
    (True, False)
    """
    name = label.partition(" ")[0]
    return name in METHODS and METHODS.get(name).other_transcript
