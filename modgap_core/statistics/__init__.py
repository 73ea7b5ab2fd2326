"""Comparisons over items, models and checkpoints, one file each.

====================  ===============================================================  =======================
quantity              formula                                                          source
====================  ===============================================================  =======================
paired difference     100 * (mean a - mean b), points                                  Miller, arXiv 2411.00640
GAP                   100 * (mean text - mean speech), points                          paper, section 4
relative GAP          100 * GAP / text, percent                                        ours
MRR                   100 * mean speech / mean original text backbone, percent         TARS, arXiv 2601.05543
cluster bootstrap     widened percentiles of a statistic over clusters drawn whole     Hesterberg 2015
standard error        C / (C - 1) * sum over clusters of squared sums of influences    Miller, equation 4
MDE                   2.80 standard errors                                             Miller, section 5
sign flip             the cluster sums' signs are chance under the null                Fisher 1935
Newcombe              score interval of a paired difference                            Newcombe 1998, method 10
Holm, BH, max-T       p-values of many tests                                           1979; 1995; 1993
kappa, error overlap  do two conditions fail on the same items                         arXiv 2602.17598
regression            y = slope * x + intercept, R^2 = r(x, y)^2                       paper, sections 4 and 5.2
correlation           Spearman and point-biserial, pooled, between, within clusters    ours
slices                GAP within each value of a column                                ours
====================  ===============================================================  =======================

Scores are fractions 0..1 of an item; GAP and mean scores come in points (x 100). NaN means undefined.
"""

from modgap_core.statistics.agreement import Agreement, agreement
from modgap_core.statistics.cluster_bootstrap import interval_of_items, interval_of_sums
from modgap_core.statistics.clusters import Clusters
from modgap_core.statistics.correlation import Correlation, correlation
from modgap_core.statistics.gap import Gap, gap
from modgap_core.statistics.interval import Interval, StatisticsError
from modgap_core.statistics.max_t import MaxT, max_t
from modgap_core.statistics.mrr import Mrr, mrr
from modgap_core.statistics.multiple_comparisons import benjamini_hochberg, holm
from modgap_core.statistics.newcombe import newcombe_paired
from modgap_core.statistics.paired_difference import RIGHT, PairedDifference, paired_difference
from modgap_core.statistics.regression import (
    LeaveOneOut,
    Regression,
    partial_r_squared,
    predictive_r_squared,
    regression,
)
from modgap_core.statistics.sign_flip import sign_flip
from modgap_core.statistics.slices import by_slice
from modgap_core.statistics.standard_error import items_needed, minimum_detectable, standard_error_of_sums

__all__ = [
    "RIGHT",
    "Agreement",
    "Clusters",
    "Correlation",
    "Gap",
    "Interval",
    "LeaveOneOut",
    "MaxT",
    "Mrr",
    "PairedDifference",
    "Regression",
    "StatisticsError",
    "agreement",
    "benjamini_hochberg",
    "by_slice",
    "correlation",
    "gap",
    "holm",
    "interval_of_items",
    "interval_of_sums",
    "items_needed",
    "max_t",
    "minimum_detectable",
    "mrr",
    "newcombe_paired",
    "paired_difference",
    "partial_r_squared",
    "predictive_r_squared",
    "regression",
    "sign_flip",
    "standard_error_of_sums",
]
