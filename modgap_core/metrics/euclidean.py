"""f_d, Euclidean distance (paper, section 4)."""

from modgap_core.metrics.similarity import Similarity
from modgap_core.registry import deferred

EUCLIDEAN = Similarity(
    name="euclidean",
    title="Euclidean distance",
    symbol="f_d",
    higher_is_better=False,
    sentence="How far two states lie apart: 0 where they are equal. It depends on the length of the states, so compare "
    "it only within one model.",
    source="paper, section 4",
    pairwise=deferred("modgap_core.metrics.pairwise_euclidean_distance:pairwise_euclidean_distance"),
    of_means=deferred("modgap_core.metrics.mean_pooled:euclidean_distance_of_means"),
    range=(0.0, None),
)
