"""The tables of a run, one file each: scores, GAP, interventions, slices, alignment and correctness."""

from modgap_core.corpus.read.tables.agreement_table import agreement_table
from modgap_core.corpus.read.tables.alignment import alignment_table, correlation_table
from modgap_core.corpus.read.tables.corpus_quantities import corpus_quantity_table
from modgap_core.corpus.read.tables.decomposition import decomposition_table
from modgap_core.corpus.read.tables.gap_table import gap_table
from modgap_core.corpus.read.tables.interventions import intervention_table
from modgap_core.corpus.read.tables.items import answer_table, item_table
from modgap_core.corpus.read.tables.layer_curves import layer_curve_table
from modgap_core.corpus.read.tables.models import NO_TAGS, TRAINING, model_table
from modgap_core.corpus.read.tables.scored_run import OVERALL, ScoredRun
from modgap_core.corpus.read.tables.scores import benchmark_table, score_table, scorer_table, status_table
from modgap_core.corpus.read.tables.slices import slice_table

TABLES_OF_RUN = {
    "scores": score_table,
    "gap": gap_table,
    "quantities": corpus_quantity_table,
    "decomposition": decomposition_table,
    "agreement": agreement_table,
    "scorers": scorer_table,
    "interventions": intervention_table,
    "slices": slice_table,
    "alignment": alignment_table,
    "correlation": correlation_table,
    "items": item_table,
    "layer_curves": layer_curve_table,
    "status": status_table,
}
"""Every table of one model, by its name in exports."""

__all__ = [
    "NO_TAGS",
    "OVERALL",
    "TABLES_OF_RUN",
    "TRAINING",
    "ScoredRun",
    "agreement_table",
    "alignment_table",
    "answer_table",
    "benchmark_table",
    "corpus_quantity_table",
    "correlation_table",
    "decomposition_table",
    "gap_table",
    "intervention_table",
    "item_table",
    "layer_curve_table",
    "model_table",
    "score_table",
    "scorer_table",
    "slice_table",
    "status_table",
]
