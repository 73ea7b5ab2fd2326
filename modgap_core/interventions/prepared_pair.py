"""What all conditions of a pair share: the two prompts at the LLM input and the unedited states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from modgap_core.audio.clip import Clip
from modgap_core.errors import InterventionError
from modgap_core.interventions.chosen_tokens import chosen_tokens
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.edits import Plan
from modgap_core.interventions.other_question import OtherText
from modgap_core.metrics.pairwise_cosine_similarity import pairwise_cosine_similarity
from modgap_core.models.encoded import Encoded
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.tokens import TextToken


@dataclass(frozen=True)
class PreparedPair:
    """A pair whose prefix was computed once.

    Attributes:
        clip: the sound.
        transcript: the text.
        speech: the speech prompt, a batch of one; as embeddings where the model's `one_batch` says so, then no
            later run hears the clip again.
        text: the transcript prompt, likewise.
        speech_states: (N, Ts, d) of the unedited speech span, N = L + 2.
        text_states: (N, Tt, d).
        scores: (N, Ts, Tt) cosine A_l of the unedited run.
        tokens: of the transcript.
        other: another question inside the model, for `other-transcript`; None where no condition asks for it.
    """

    clip: Clip
    transcript: str
    speech: Encoded
    text: Encoded
    speech_states: torch.Tensor
    text_states: torch.Tensor
    scores: torch.Tensor
    tokens: tuple[TextToken, ...]
    other: OtherText | None = None

    def plan(self, condition: Condition) -> Plan:
        """The condition with its tokens chosen on the unedited path.

        Raises:
            InterventionError: a layer or a picked token is not there, or no other question is at hand.
        """
        pairs = chosen_tokens(self.scores.cpu().numpy(), condition)
        if not condition.edit.other_transcript:
            return Plan(condition, pairs)
        if self.other is None:
            raise InterventionError(
                f"{condition.method} needs another question with other words and another right answer, but none is "
                "at hand; choose another method, or give a corpus with more than one question."
            )
        return Plan(condition, pairs, self.other.at_places(len(self.tokens)))


def prepare_pair(model: SpeechLM, clip: Clip, transcript: str) -> PreparedPair:
    """Run speech and transcript once, unedited."""
    speech, text = model.encode_speech([clip.samples]), model.encode_text([transcript])
    speech_embeds, speech_states = _embeds_and_states(model, speech)
    text_embeds, text_states = _embeds_and_states(model, text)
    scores = pairwise_cosine_similarity(speech_states, text_states)
    return PreparedPair(
        clip, transcript, speech_embeds, text_embeds, speech_states, text_states, scores, text.tokens[0]
    )


def _embeds_and_states(model: SpeechLM, encoded: Encoded) -> tuple[Encoded, torch.Tensor]:
    (where,) = encoded.span_slices()

    def reduce(layer: int, states: torch.Tensor, _span: torch.Tensor) -> Any:
        return states[:1].clone() if layer == 0 else states[0, where].clone()

    first, *others = model.states(encoded, reduce)
    states = torch.stack([layer.to(model.device) for layer in (first[0, where], *others)])
    if not model.adapter.one_batch:
        return encoded, states
    inputs = {"inputs_embeds": first, "attention_mask": encoded.inputs["attention_mask"]}
    return Encoded(inputs, encoded.span, encoded.ms_per_token, encoded.tokens), states
