"""What is done to a chosen speech token."""

from __future__ import annotations

from enum import StrEnum


class Method(StrEnum):
    """The paper's two interventions, both in one, and the controls."""

    ANGLE = "angle"
    LENGTH = "length"
    BOTH = "both"
    RANDOM_DIRECTION = "random-direction"
    CALIBRATION = "calibration"
    IDENTITY = "identity"
