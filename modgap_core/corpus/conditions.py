"""Under which conditions a corpus is answered, by the names in its tables; interventions have their labels."""

from modgap_core.interventions.outcome import SPEECH, TEXT

PIPELINE, PIPELINE_BACKBONE, TEXT_BACKBONE = "pipeline", "pipeline_backbone", "text_backbone"
"""ASR + the same LLM, ASR + the untuned backbone, transcript + the untuned backbone."""
CONDITIONS = (TEXT, SPEECH, PIPELINE, TEXT_BACKBONE, PIPELINE_BACKBONE)
"""Those that are no interventions, in the order of the tables."""
INJECTED = "injected_question"
"""The scorer that judges an answer against the question that `other-transcript` wrote in."""

__all__ = ["CONDITIONS", "INJECTED", "PIPELINE", "PIPELINE_BACKBONE", "SPEECH", "TEXT", "TEXT_BACKBONE"]
