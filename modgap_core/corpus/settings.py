"""What a corpus run is asked to do; part of its identity."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from modgap_core.errors import ModGapError
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.paper_table import table_conditions

PAPER = "paper"
_LEAST = {"max_new_tokens": 1, "n_null": 0, "batch_size": 1, "batch_seconds": 0.1, "seed": 0}


@dataclass(frozen=True)
class CorpusSettings:
    """Everything that changes a result, beside manifest and models.

    Attributes:
        asr: folder or hub id of the pipeline's ASR model, ``mini`` for modgap-mini-asr, empty for no pipeline.
        backbone: folder or hub id of the untuned text backbone, empty for none; of an LSLM's own folder its
            backbone without LoRA.
        interventions: empty, or ``paper`` for the paper's table with controls.
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
    interventions: str = ""
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
        if self.interventions not in ("", PAPER):
            raise ModGapError(f"Unknown interventions {self.interventions!r}; the only table is {PAPER!r}.")
        for name, least in _LEAST.items():
            if not getattr(self, name) >= least:  # NaN is not
                raise ModGapError(f"{name} is {getattr(self, name)}; it must be at least {least}.")

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The interventions."""
        return table_conditions() if self.interventions == PAPER else ()

    def to_json(self) -> dict[str, Any]:
        """For run.json."""
        return {**asdict(self), "scorers": list(self.scorers)}
