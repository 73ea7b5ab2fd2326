"""f_cos, cosine similarity (paper, section 4)."""

from modgap_core.metrics.similarity import Similarity
from modgap_core.registry import deferred

COSINE = Similarity(
    name="cosine",
    title="cosine similarity",
    symbol="f_cos",
    higher_is_better=True,
    sentence="How alike two states point: 1 in the same direction, 0 at right angles, -1 opposite; their lengths do "
    "not count.",
    source="paper, section 4",
    pairwise=deferred("modgap_core.metrics.pairwise_cosine_similarity:pairwise_cosine_similarity"),
    of_means=deferred("modgap_core.metrics.mean_pooled:cosine_similarity_of_means"),
    range=(-1.0, 1.0),
)
