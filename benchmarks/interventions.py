"""The paper's table with controls, all runs in one batch, against the same generations one after another."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.timing import median_ratio, print_table, side_by_side
from dashboard.sidebar.examples import shipped_examples
from modgap_core.audio.load import load_audio
from modgap_core.interventions.edits import batch_edits
from modgap_core.interventions.other_question import shipped_questions
from modgap_core.interventions.paper_table import table_conditions
from modgap_core.interventions.prepared_pair import prepare_pair
from modgap_core.interventions.run import batched_answers, intervene, with_other
from modgap_core.models.load import load_model
from modgap_core.models.speech_lm import SpeechLM
from modgap_core.scoring.expected import Expected

ROUNDS, MAX_NEW_TOKENS = 15, 24


def contenders(model: SpeechLM) -> dict[str, Callable[[], object]]:
    """The runs of the first shipped example: batched, one by one, and one bare generation of the model."""
    example = shipped_examples()[0]
    clip = load_audio(example.path)
    conditions, others = table_conditions(), shipped_questions(model)

    def batched() -> list[str]:
        pair = with_other(model, prepare_pair(model, clip, example.transcript), others, Expected())
        return batched_answers(model, pair, [pair.plan(c) for c in conditions], MAX_NEW_TOKENS)

    def one_by_one() -> list[str]:
        """Each run encodes and generates for itself, with the same edits; the path is known from one analysis."""
        pair = with_other(model, prepare_pair(model, clip, example.transcript), others, Expected())
        answers = model.generate(model.encode_text([example.transcript]), max_new_tokens=MAX_NEW_TOKENS)
        for plan in [None, *(pair.plan(c) for c in conditions)]:
            encoded = model.encode_speech([clip.samples])
            start = int(encoded.span[0].nonzero()[0])
            where = slice(start, start + pair.scores.shape[1])
            edits = dict(batch_edits([plan], where, pair.text_states)) if plan else None
            answers += model.generate(encoded, edits, MAX_NEW_TOKENS)
        return answers

    def bare() -> object:
        encoded = model.encode_speech([clip.samples])
        with torch.inference_mode():
            return model.adapter.model.generate(
                **encoded.inputs,
                max_new_tokens=MAX_NEW_TOKENS,
                do_sample=False,
                pad_token_id=model.tokenizer.pad_token_id,
            )

    def whole() -> object:
        return intervene(
            model,
            clip,
            example.transcript,
            conditions,
            reference=example.reference,
            max_new_tokens=MAX_NEW_TOKENS,
        )

    if batched() != one_by_one():
        raise SystemExit("The batched answers are not those of the single runs.")
    return {
        "batched": batched,
        "one by one": one_by_one,
        "bare": bare,
        "whole": whole,
    }


def main() -> None:
    """Print the figures on modgap-mini."""
    seconds = side_by_side(contenders(load_model()), ROUNDS)
    batched = seconds["batched"]
    rows = {
        "the runs in one batch, median": f"{1000 * sorted(batched)[ROUNDS // 2]:.0f} ms",
        "one after another / in one batch (goal 3)": f"{median_ratio(seconds['one by one'], batched):.1f}",
        "in one batch / one bare generation": f"{median_ratio(batched, seconds['bare']):.1f}",
        "with geometry and probabilities / answers alone": f"{median_ratio(seconds['whole'], batched):.2f}",
    }
    print_table(f"Interventions on modgap-mini, {torch.get_num_threads()} threads, {ROUNDS} rounds", rows)


if __name__ == "__main__":
    main()
