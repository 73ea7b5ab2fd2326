"""Regression over models or checkpoints: how much of GAP does a similarity explain (paper, sections 4 and 5.2)?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import linregress

from modgap_core.statistics.cluster_bootstrap import OfWeights, interval_of_items
from modgap_core.statistics.clusters import Clusters, fewest_clusters, kept
from modgap_core.statistics.correlation import weighted_pearson
from modgap_core.statistics.interval import Interval, StatisticsError
from modgap_core.statistics.paired_values import with_both
from modgap_core.statistics.standard_error import Floats

MIN_POINTS = 3
"""Two points always lie on a line: R^2 says nothing below three."""


@dataclass(frozen=True)
class LeaveOneOut:
    """Smallest and largest result when each point in turn is left out; NaN where no such fit is defined.

    Attributes:
        r_squared: (min, max) of R^2, 0..1. Of three points, two are left and R^2 is 1.
        slope: (min, max) of the slope, in units of y per unit of x.
    """

    r_squared: tuple[float, float]
    slope: tuple[float, float]


@dataclass(frozen=True)
class Regression:
    """A straight line y = slope * x + intercept through models or checkpoints.

    Attributes:
        slope: in units of y per unit of x.
        intercept: in units of y.
        r_squared: share of y's variance that x explains, 0..1; NaN where y is constant.
        slope_interval: the slope with its interval.
        predictive_r_squared: leave-one-out cross-validated R^2, 1 - PRESS / total: each point predicted by the line
            through the others; below 0 where the mean of the others predicts better; NaN where y is constant.
        leave_one_out: how far one single point moves the result.
        n: points; to be printed beside R^2.
        n_clusters: C: trainings that the points come from.
        n_dropped: points left out, because x or y is missing.
    """

    slope: float
    intercept: float
    r_squared: Interval
    slope_interval: Interval
    predictive_r_squared: float
    leave_one_out: LeaveOneOut
    n: int
    n_clusters: int
    n_dropped: int


def regression(x: ArrayLike, y: ArrayLike, clusters: Clusters = ()) -> Regression:
    """Least squares line of y on x, 95 percent bootstrap intervals over the points' clusters.

    Checkpoints of one training depend on each other: give the training of each point as its cluster. Of one cluster
    no interval can be known (NaN). Resamples in which x is constant are left out. With few points many resamples hold
    only two different ones, fit exactly and have R^2 = 1: read the upper end of the interval with n beside it.

    Args:
        x: (n,) such as the mean cosine of each model or checkpoint; NaN where undefined.
        y: (n,) such as its GAP in points.
        clusters: see `cluster_codes`.

    Raises:
        StatisticsError: different lengths, fewer than three points with x and y, or all with the same x.

    Example:
        >>> found = regression([0.1, 0.2, 0.3, 0.4], [30, 20, 20, 10])
        >>> round(found.slope, 4), round(found.intercept, 4), round(found.r_squared.value, 4)
        (-60.0, 35.0, 0.9)
    """
    both = with_both(x, y, at_least=MIN_POINTS)
    names = kept(clusters, both)
    x, y = np.asarray(x, dtype=float)[both], np.asarray(y, dtype=float)[both]
    if np.ptp(x) == 0:
        raise StatisticsError(
            f"A regression needs at least {MIN_POINTS} points and two different x, but all {len(x)} points have "
            f"x = {x[0]:g}; add a model or checkpoint that differs."
        )
    line = linregress(x, y)
    r_squared, slope = _r_squared(x, y), _slope(x, y)
    return Regression(
        slope=float(line.slope),
        intercept=float(line.intercept),
        r_squared=interval_of_items(r_squared, len(x), names),
        slope_interval=interval_of_items(slope, len(x), names),
        predictive_r_squared=predictive_r_squared(x[:, None], y),
        leave_one_out=LeaveOneOut(_without_each(r_squared, len(x)), _without_each(slope, len(x))),
        n=len(x),
        n_clusters=fewest_clusters(names, len(x)),
        n_dropped=int((~both).sum()),
    )


def predictive_r_squared(factors: Floats, y: Floats) -> float:
    """1 - sum of squared leave-one-out errors / sum of squared deviations, of a linear fit with an intercept.

    Args:
        factors: (n, k).
        y: (n,).

    Returns:
        At most 1; NaN where y is constant, or a point alone decides the fit.
    """
    design = np.column_stack([np.ones(len(y)), factors])
    hat = design @ np.linalg.pinv(design)
    leverage = 1 - np.diag(hat)
    total = np.square(y - y.mean()).sum()
    if np.ptp(y) == 0 or leverage.min() < 1e-9:
        return math.nan
    return float(1 - np.square((y - hat @ y) / leverage).sum() / total)


def partial_r_squared(x: ArrayLike, y: ArrayLike, given: ArrayLike) -> float:
    """Share of what `given` leaves unexplained of y that x explains (SALAD, arXiv 2510.13632, section 4).

    Args:
        x: (n,) the factor in question.
        y: (n,) such as GAP.
        given: (n,) the other factor, such as forgetting.

    Returns:
        0..1; NaN for fewer than four points, or where `given` explains all.

    Raises:
        StatisticsError: different lengths.

    Example:
        >>> round(partial_r_squared([1, 2, 3, 4, 5], [1, 2, 3, 4, 6], [0, 1, 0, 1, 0]), 3)
        0.982
    """
    points = np.stack([np.asarray(v, dtype=float) for v in (x, y, given)])
    points = points[:, ~np.isnan(points).any(axis=0)]
    if points.shape[1] <= MIN_POINTS:
        return math.nan
    one, target, other = points
    before, after = _unexplained(target, other[:, None]), _unexplained(target, np.column_stack([other, one]))
    return float(1 - after / before) if before > 1e-12 * max(1.0, float(np.square(target).sum())) else math.nan


def _unexplained(y: Floats, factors: Floats) -> float:
    design = np.column_stack([np.ones(len(y)), factors])
    return float(np.square(y - design @ (np.linalg.pinv(design) @ y)).sum())


def _r_squared(x: Floats, y: Floats) -> OfWeights:
    pearson = weighted_pearson(x, y)
    return lambda weights: pearson(weights) ** 2


def _slope(x: Floats, y: Floats) -> OfWeights:
    def of(weights: Floats) -> Floats:
        n = weights.sum(-1, keepdims=True)
        dx, dy = (v - (weights * v).sum(-1, keepdims=True) / n for v in (x, y))
        below = (weights * dx * dx).sum(-1)
        constant = below < 1e-20 * np.square(np.ptp(x)) * n[..., 0]
        return (weights * dx * dy).sum(-1) / np.where(constant, np.nan, below)  # type: ignore[no-any-return]

    return of


def _without_each(statistic: OfWeights, n: int) -> tuple[float, float]:
    """Smallest and largest value of a statistic when each point in turn is left out."""
    values = statistic(1.0 - np.eye(n))
    defined = values[~np.isnan(values)]
    return (float(defined.min()), float(defined.max())) if len(defined) else (math.nan, math.nan)
