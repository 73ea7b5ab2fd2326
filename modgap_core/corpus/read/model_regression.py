"""GAP against alignment over the models of a page (paper, figures 5 and 7)."""

from __future__ import annotations

import math

import pandas as pd

from modgap_core.corpus.read.tables.models import TRAINING
from modgap_core.errors import ModGapError
from modgap_core.statistics import Regression, partial_r_squared, regression


def points_of(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of `model_table` that are points of their own: a model that is there twice counts once.

    Models without a `training` tag are trainings of their own.
    """
    points = table[table.same_as.astype(str) == ""]
    if TRAINING not in points:
        return points
    own = points[TRAINING].where(points[TRAINING].fillna("").astype(str) != "", points.model)
    return points.assign(**{TRAINING: own})


def try_regression(table: pd.DataFrame, measure: str) -> tuple[Regression | None, str]:
    """The regression of GAP on a measure, or None and why there is none.

    Args:
        table: from `model_table`.
        measure: its column.
    """
    points = points_of(table)
    clusters = [points[TRAINING].to_numpy()] if TRAINING in points else []
    try:
        return regression(points[measure].astype(float), points["gap"].astype(float), clusters), ""
    except ModGapError as error:
        return None, str(error)


def regressions(table: pd.DataFrame, measure: str, by: str = "") -> dict[str, tuple[Regression | None, str]]:
    """A regression for each value of a tag (the paper's: family and tuning), or one over all.

    Args:
        table: from `model_table`.
        measure: its column.
        by: a tag's column, or empty.
    """
    if not by:
        return {"all": try_regression(table, measure)}
    return {str(value): try_regression(part, measure) for value, part in table.groupby(by, sort=True)}


def partial_words(table: pd.DataFrame, measure: str) -> str:
    """Partial R^2 of the measure given forgetting, as a sentence; empty where forgetting is not known of enough models.

    Args:
        table: from `model_table`.
        measure: its column.
    """
    points = points_of(table).dropna(subset=[measure, "gap", "forgetting"])
    value = partial_r_squared(*(points[name].to_numpy(dtype=float) for name in (measure, "gap", "forgetting")))
    return "" if math.isnan(value) else f"Partial R² given forgetting = {value:.2f} (n = {len(points)})."


def regression_words(found: Regression) -> str:
    """Slope, R^2 with its interval, cross-validated R^2, leave-one-out, n and C in sentences."""
    r2, slope, (low, high) = found.r_squared, found.slope, found.leave_one_out.r_squared
    over = f"n = {found.n}, of {found.n_clusters} trainings"
    interval = f"[{r2.low:.2f}, {r2.high:.2f}] (bootstrap over trainings)"
    if math.isnan(r2.low):
        interval = "(no interval: checkpoints of one training are one cluster)" if found.n_clusters < 2 else ""
    return (
        f"GAP changes by {slope:.3g} points per unit; R² = {r2.value:.2f} {interval}, {low:.2f} to {high:.2f} when one "
        f"model is left out, {found.predictive_r_squared:.2f} when each is predicted from the others (leave-one-out "
        f"cross-validation); {over}."
    )
