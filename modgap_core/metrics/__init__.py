"""The paper's quantities, one file each (arXiv 2510.12116).

=============================  ==========================================================  =========
quantity                       formula                                                     section
=============================  ==========================================================  =========
pairwise cosine similarity     A_l[i, j] = <s_i, t_j> / (|s_i| |t_j|)                      5.1
pairwise Euclidean distance    A_l[i, j] = |s_i - t_j|                                     5.1
layer curve                    f(mean_i s_i, mean_j t_j) for each layer                    4
similarity score               mean of a layer curve over layers 1..L                      4
alignment path                 i*_j = argmax_i A_cos[i, j], argmin_i A_d[i, j]             5.1
monotonicity                   Spearman rank correlation of j and i*_j                     5.1
path consistency               share of j with the same i*_j under both                    5.1
APS                            1/L sum_l 1/Tt sum_j A_l[i*_j, j]                           5.2
null reference                 the same for mismatched pairs, or shuffled token order      ours
=============================  ==========================================================  =========

s_i and t_j are the states of speech token i and text token j at layer l. NaN means undefined.

Similarity functions (`similarity`), paths (`path`) and quantities (`quantity`) are declared and chosen by name.
"""

from modgap_core.metrics.alignment_path import alignment_path, best_scores, path_values
from modgap_core.metrics.alignment_path_score import alignment_path_score, aps_terms
from modgap_core.metrics.layers import entry_numbers, layer_labels, layers_0_to_l
from modgap_core.metrics.mean_of_defined import mean_of_defined
from modgap_core.metrics.measures import Key, Measures
from modgap_core.metrics.monotonicity import mean_monotonicity, monotonicity
from modgap_core.metrics.null_reference import NullBand, null_band, shuffled_monotonicity, z_score
from modgap_core.metrics.path import DEFAULT_PATH, NO_PARTNER, PATHS, PathFinder
from modgap_core.metrics.path_consistency import mean_path_consistency, path_consistency
from modgap_core.metrics.quantity import QUANTITIES, Better, Cost, Each, Level, Need, Null, Quantity
from modgap_core.metrics.similarity import SIMILARITIES, Similarity, as_similarity
from modgap_core.metrics.similarity_score import similarity_score

__all__ = [
    "DEFAULT_PATH",
    "NO_PARTNER",
    "PATHS",
    "QUANTITIES",
    "SIMILARITIES",
    "Better",
    "Cost",
    "Each",
    "Key",
    "Level",
    "Measures",
    "Need",
    "Null",
    "NullBand",
    "PathFinder",
    "Quantity",
    "Similarity",
    "alignment_path",
    "alignment_path_score",
    "aps_terms",
    "as_similarity",
    "best_scores",
    "entry_numbers",
    "layer_labels",
    "layers_0_to_l",
    "mean_monotonicity",
    "mean_of_defined",
    "mean_path_consistency",
    "monotonicity",
    "null_band",
    "path_consistency",
    "path_values",
    "shuffled_monotonicity",
    "similarity_score",
    "z_score",
]
