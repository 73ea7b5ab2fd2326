"""Control: another question's words."""

from __future__ import annotations

from modgap_core.interventions.method import Method
from modgap_core.interventions.methods.angle_projection import ANGLE

OTHER_TRANSCRIPT = Method(
    name="other-transcript",
    title="Angle projection, another question's words",
    sentence="Angle projection to the tokens of another question.",
    source="control",
    uses="another transcript",
    apply=ANGLE.apply,
    is_control=True,
    other_transcript=True,
)
