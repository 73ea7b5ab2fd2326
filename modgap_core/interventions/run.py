"""`intervene`: all conditions of a pair in one batch, geometry and answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch

from modgap_core.analysis.finish import finished_pair
from modgap_core.analysis.layer_measures import LayerMeasures, measure_layer
from modgap_core.analysis.pair import Report, silent, speech_spans_s
from modgap_core.audio.clip import Clip
from modgap_core.audio.load import as_clip
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.edits import Plan, batch_edits, undefined_tokens
from modgap_core.interventions.other_question import OtherQuestion, closest_question, read_other, shipped_questions
from modgap_core.interventions.outcome import SPEECH, TEXT, Injected, InterventionResult, NextToken, Outcome
from modgap_core.interventions.paper_table import table_conditions
from modgap_core.interventions.prepared_pair import PreparedPair, prepare_pair
from modgap_core.metrics import Measures
from modgap_core.models.encoded import Encoded, stacked
from modgap_core.models.hooks import Edit
from modgap_core.models.provenance import provenance_of
from modgap_core.models.speech_lm import SpeechLM, Wave
from modgap_core.scoring.expected import Expected, as_expected
from modgap_core.states.rows import Rows
from modgap_core.transcript import check_transcript

N_TOP_TOKENS = 8


class Scored(NamedTuple):
    """What one batched prefill over prompt and target answer tells, by row.

    Attributes:
        logprobs: (B,) of the target answer; NaN (undefined) for a target without a token.
        first: (B, V) log-probabilities of the first answer token.
        measures: for each entry 0..L, after norm; the speech rows stacked.
    """

    logprobs: torch.Tensor
    first: torch.Tensor
    measures: list[LayerMeasures]


def intervene(
    model: SpeechLM,
    speech: Clip | Wave | str | Path,
    transcript: str,
    conditions: Sequence[Condition] | None = None,
    *,
    reference: Expected | str = "",
    measures: Measures | None = None,
    max_new_tokens: int = 64,
    report: Report = silent,
) -> InterventionResult:
    """Change speech states, let the model answer again, and compare (paper, section 5.3).

    All runs share one encoder pass, one batched prefill for the numbers and one batched generation.

    Args:
        model: from `load_model`.
        speech: a clip, samples (mono, 16 kHz), or a sound file.
        transcript: what is said in it.
        conditions: by default the paper's four settings and eight controls.
        reference: the right answer of an open question, or how answers are judged.
        measures: similarity functions, paths and quantities of layers; by default what is cheap.
        max_new_tokens: bound on each answer's length.
        report: told about progress.

    Raises:
        InterventionError: a condition names a layer or a token that is not there.
        AudioError, TranscriptError: as `analyze_pair`.
    """
    chosen = table_conditions() if conditions is None else tuple(conditions)
    measures = measures or Measures()
    clip, transcript, expected = as_clip(speech), check_transcript(transcript), as_expected(reference)
    report(0.0, "The model reads the transcript and hears the clip, unedited")
    pair = prepare_pair(model, clip, transcript)
    if any(condition.edit.other_transcript for condition in chosen):
        pair = with_other(model, pair, shipped_questions(model), expected)
    plans = [pair.plan(condition) for condition in chosen]
    report(0.4, f"Answers to {len(plans) + 2} runs in one batch")
    answers = batched_answers(model, pair, plans, max_new_tokens)
    target = expected.target or answers[0]
    injected = _injected(model, pair, max_new_tokens)
    report(0.7, "Geometry and probabilities of the same runs")
    scored = score_plans(model, pair, [None, *plans], target, with_text=True, measures=measures)
    outcomes = _outcomes(model, pair, plans, answers, scored, measures)
    report(1.0, "Done")
    return InterventionResult(
        provenance=provenance_of(model),
        name=clip.name,
        transcript=transcript,
        samples=clip.samples,
        text_tokens=pair.tokens,
        speech_spans_s=speech_spans_s(pair.scores.shape[1], pair.speech.ms_per_token, clip.duration_s),
        expected=expected,
        target=target,
        outcomes=outcomes,
        notes=_notes(outcomes, pair, expected),
        injected=injected,
    )


def with_other(
    model: SpeechLM, pair: PreparedPair, questions: Sequence[OtherQuestion], expected: Expected
) -> PreparedPair:
    """The pair with the question among these that is closest in length and asks for something else."""
    found = closest_question(questions, pair.transcript, expected, len(pair.tokens))
    return pair if found is None else replace(pair, other=read_other(model, found))


def _injected(model: SpeechLM, pair: PreparedPair, max_new_tokens: int) -> Injected | None:
    if pair.other is None:
        return None
    transcript = pair.other.question.transcript
    return Injected(transcript, model.generate(model.encode_text([transcript]), max_new_tokens=max_new_tokens)[0])


class Batch(NamedTuple):
    """Rows that run together: first those with the transcript (0 or 1), then one for each plan."""

    rows: Encoded
    edits: dict[int, Edit]
    n_text: int


def batched_answers(model: SpeechLM, pair: PreparedPair, plans: Sequence[Plan], max_new_tokens: int = 64) -> list[str]:
    """Answers to the text, the speech, and the speech under each plan, from one generate call.

    From two where the model's `one_batch` is False.
    """
    batches = batches_of(model, pair, [None, *plans], with_text=True)
    return [answer for b in batches for answer in model.generate(b.rows, b.edits, max_new_tokens)]


def batches_of(model: SpeechLM, pair: PreparedPair, plans: Sequence[Plan | None], with_text: bool) -> list[Batch]:
    """One row for each plan (None: unedited), after a row with the transcript if asked for."""
    if model.adapter.one_batch:
        rows = stacked([pair.text] * with_text + [pair.speech] * len(plans))
        leading: list[Plan | None] = [None] * with_text
        edits = batch_edits([*leading, *plans], speech_slice(rows, pair), pair.text_states)
        return [Batch(rows, dict(edits), int(with_text))]
    rows = pair.speech.rows(len(plans))
    spoken = Batch(rows, dict(batch_edits(plans, speech_slice(rows, pair), pair.text_states)), 0)
    return [Batch(pair.text, {}, 1), spoken] if with_text else [spoken]


def speech_slice(rows: Encoded, pair: PreparedPair) -> slice:
    """Where the speech span stands in the rows of a batch; the same in all, as only the text row may differ."""
    first = int(rows.span[-1].nonzero()[0])
    return slice(first, first + pair.scores.shape[1])


def score_plans(
    model: SpeechLM,
    pair: PreparedPair,
    plans: Sequence[Plan | None],
    target: str,
    *,
    with_text: bool = False,
    measures: Measures | None = None,
) -> Scored:
    """One batched prefill over the prompt and the target answer.

    Args:
        model: runs once.
        pair: the shared prefix.
        plans: one row each; None is the unedited speech.
        target: the answer whose log-probability is asked for.
        with_text: begin with a row for the transcript.
        measures: also measure each layer; None for the probabilities alone.
    """
    ids = target_ids(model, target)
    logits: list[torch.Tensor] = []
    layers: list[LayerMeasures] = []
    for batch in batches_of(model, pair, plans, with_text):
        some, measured = _score_batch(model, pair, batch, ids, measures)
        logits.append(some)
        layers += measured
    logprobs = torch.cat(logits).float().log_softmax(-1)
    at_target = logprobs[:, :-1].gather(-1, ids.expand(len(logprobs), -1).unsqueeze(-1)).squeeze(-1)
    undefined = at_target.new_full((len(logprobs),), math.nan)
    return Scored(at_target.sum(-1) if len(ids) else undefined, logprobs[:, 0], layers)


def _score_batch(
    model: SpeechLM, pair: PreparedPair, batch: Batch, ids: torch.Tensor, measures: Measures | None
) -> tuple[torch.Tensor, list[LayerMeasures]]:
    prompt = batch.rows.followed_by(ids, model.embed_tokens)
    chosen = measures if len(prompt.span) > batch.n_text else None
    where = slice(0) if chosen is None else speech_slice(batch.rows, pair)

    def reduce(layer: int, states: torch.Tensor, _span: torch.Tensor) -> LayerMeasures:
        speech = Rows.whole(states[batch.n_text :, where])
        text = Rows.whole(pair.text_states[layer].to(speech.states).expand(len(speech.states), -1, -1))
        return measure_layer(speech, text, chosen or Measures())

    return model.logits_with_states(prompt, None if chosen is None else reduce, batch.edits, len(ids) + 1)


def target_ids(model: SpeechLM, target: str) -> torch.Tensor:
    """Token ids (n,) of an answer as it stands after the prompt."""
    ids = model.tokenizer(target, add_special_tokens=False)["input_ids"]
    return torch.tensor(ids, dtype=torch.long, device=model.device)


def _outcomes(
    model: SpeechLM, pair: PreparedPair, plans: Sequence[Plan], answers: list[str], scored: Scored, measures: Measures
) -> tuple[Outcome, ...]:
    unedited = scored.first[1]
    kl = (unedited.exp() * (unedited - scored.first)).nansum(-1)
    rows: list[Outcome] = []
    for row, (answer, plan) in enumerate(zip(answers, [None, None, *plans], strict=True)):
        rows.append(
            Outcome(
                label=plan.condition.label if plan else (TEXT, SPEECH)[row],
                condition=plan.condition if plan else None,
                answer=answer,
                pairs=plan.pairs if plan else (),
                undefined=_undefined(pair, plan) if plan else (),
                target_logprob=float(scored.logprobs[row]),
                top_tokens=_top_tokens(model, scored.first[row]),
                kl_from_speech=max(0.0, float(kl[row])),
                measured=None if row == 0 else finished_pair(scored.measures, measures, 0, row - 1),
            )
        )
    return tuple(rows)


def _undefined(pair: PreparedPair, plan: Plan) -> tuple[int, ...]:
    """Tokens whose new state is undefined at any edited layer, judged on the unedited states."""
    kept = [
        undefined_tokens(plan, pair.speech_states[layer], plan.text_at(layer, pair.text_states))
        for layer in plan.condition.edit_layers
    ]
    return tuple(dict.fromkeys(token for tokens in kept for token in tokens))


def _top_tokens(model: SpeechLM, logprobs: torch.Tensor) -> tuple[NextToken, ...]:
    best = logprobs.topk(min(N_TOP_TOKENS, len(logprobs)))
    texts = model.tokenizer.batch_decode(best.indices.unsqueeze(-1))
    return tuple(NextToken(t, float(p)) for t, p in zip(texts, best.values.exp().tolist(), strict=True))


def _notes(outcomes: tuple[Outcome, ...], pair: PreparedPair, expected: Expected) -> tuple[str, ...]:
    text, speech, *edited = outcomes
    notes = []
    if text.answer == speech.answer:
        notes.append("The model answers speech and transcript alike; there is nothing to repair in this pair.")
    if expected.score(pair.transcript, text.answer).is_right is None:
        notes.append("No reference answer is known, so right and wrong are not judged.")
    if not expected.target:
        notes.append("The log-probability is that of the model's answer to the transcript.")
    if math.isnan(text.target_logprob):
        notes.append(
            "The model answers the transcript with no word, so there is no answer whose log-probability to follow."
        )
    if len(pair.tokens) == 1:
        notes.append("The transcript has one token, so every choice of tokens on the path is the same one.")
    notes += [
        f"{o.label}: {len(o.undefined)} token(s) kept their state, because the new one is undefined."
        for o in edited
        if o.undefined
    ]
    notes += [
        f"{o.label}: no speech token has a defined alignment, so nothing was changed." for o in edited if not o.pairs
    ]
    return tuple(notes)
