"""What a corpus run is asked to do; part of its identity."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from modgap_core.errors import ModGapError
from modgap_core.interventions.condition import Condition
from modgap_core.metrics import Measures, Need

_LEAST = {"max_new_tokens": 1, "n_null": 0, "batch_size": 1, "batch_seconds": 0.1, "seed": 0}


@dataclass(frozen=True)
class CorpusSettings:
    """Everything that changes a result, beside manifest and models.

    Attributes:
        asr: folder or hub id of the pipeline's ASR model, ``mini`` for modgap-mini-asr, empty for no pipeline.
        backbone: folder or hub id of the untuned text backbone, empty for none; of an LSLM's own folder its
            backbone without LoRA.
        conditions: interventions that every spoken question is answered under.
        measures: similarity functions, paths and quantities.
        scorers: further scorers beside each task's own: pedant, or MODULE:FUNCTION of a judge.
        max_new_tokens: bound on each answer's length.
        n_null: other utterances of the null reference; 0 for none.
        batch_size: most items that run together.
        batch_seconds: bound on the memory: most seconds of sound in a batch, padding included.
        seed: chooses the utterances of the null reference.
        dtype: precision that was asked for.
        quantization: 8bit, 4bit or empty.
        attn_implementation: eager, sdpa, flash_attention_2, or empty for transformers' choice.
    """

    asr: str = ""
    backbone: str = ""
    conditions: tuple[Condition, ...] = ()
    measures: Measures = field(default_factory=Measures)
    scorers: tuple[str, ...] = ()
    max_new_tokens: int = 64
    n_null: int = 20
    batch_size: int = 16
    batch_seconds: float = 240.0
    seed: int = 17
    dtype: str = "auto"
    quantization: str = ""
    attn_implementation: str = ""

    def __post_init__(self) -> None:
        if Need.WORD_TIMES in {need for quantity in self.measures.chosen for need in quantity.needs}:
            raise ModGapError(
                "A chosen quantity needs the times of the words, which a manifest does not hold; leave it out, or "
                "analyse pairs one by one."
            )
        labels = [condition.label for condition in self.conditions]
        if twice := [label for label in labels if labels.count(label) > 1]:
            raise ModGapError(f"The condition {twice[0]!r} stands more than once; leave one out.")
        for name, least in _LEAST.items():
            if not getattr(self, name) >= least:  # NaN is not
                raise ModGapError(f"{name} is {getattr(self, name)}; it must be at least {least}.")

    def to_json(self) -> dict[str, Any]:
        """For run.json: conditions by their labels, measures by their names."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("conditions", "measures")}
        return {
            **plain,
            "scorers": list(self.scorers),
            "conditions": [condition.label for condition in self.conditions],
            "similarities": list(self.measures.similarities),
            "paths": list(self.measures.paths),
            "quantities": list(self.measures.quantities),
        }
