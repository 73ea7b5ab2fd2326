"""A result as tables: one row a layer, one row a text token and layer, one row a summary number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from modgap_core.metrics.metric import Metric
from modgap_core.metrics.null_reference import null_band, z_score
from modgap_core.results.pair_result import PairResult


def layer_table(result: PairResult) -> pd.DataFrame:
    """One row for each layer 0..L, and a last one for layer L after the final norm.

    Columns: ``layer``, ``after_final_norm``, then for each metric the curve, the null's 5 and 95 percent,
    monotonicity and the APS term, and ``path_consistency``. Empty cells are undefined.
    """
    last = result.n_layers
    columns: dict[str, object] = {
        "layer": [*range(last + 1), last],
        "after_final_norm": [False] * (last + 1) + [True],
    }
    for metric in Metric:
        values = result.values(metric)
        curve, aps = null_band(values.null_curve), null_band(values.null_aps_terms)
        columns |= {
            f"{metric}_curve": values.curve,
            f"{metric}_curve_null_low": curve.low,
            f"{metric}_curve_null_high": curve.high,
            f"{metric}_monotonicity": values.monotonicity,
            f"{metric}_aps_term": values.aps_terms,
            f"{metric}_aps_term_null_low": aps.low,
            f"{metric}_aps_term_null_high": aps.high,
        }
    return pd.DataFrame({**columns, "path_consistency": result.consistency})


def path_table(result: PairResult) -> pd.DataFrame:
    """One row for each metric, layer and text token: its speech token, that token's time, the value there."""
    frames = [_path_rows(result, metric, entry) for metric in Metric for entry in range(result.n_layers + 2)]
    return pd.concat(frames, ignore_index=True)


def _path_rows(result: PairResult, metric: Metric, entry: int) -> pd.DataFrame:
    path = result.values(metric).path[entry]
    partner = path >= 0
    spans = np.where(partner[:, None], result.speech_spans_s[path.clip(min=0)], np.nan)
    at_path = result.values(metric).matrix[entry][path.clip(min=0), np.arange(path.size)]
    return pd.DataFrame(
        {
            "metric": str(metric),
            "layer": min(entry, result.n_layers),
            "after_final_norm": entry > result.n_layers,
            "text_token": np.arange(path.size),
            "text": [token.text for token in result.text_tokens],
            "start_character": [token.start for token in result.text_tokens],
            "end_character": [token.end for token in result.text_tokens],
            "speech_token": path,
            "start_s": spans[:, 0],
            "end_s": spans[:, 1],
            "value": np.where(partner, at_path, np.nan),
        }
    )


def answer_table(result: PairResult) -> pd.DataFrame:
    """Both answers, and whether they are right.

    Columns: ``input`` (speech or text), ``answer``, ``right`` (empty where it cannot be told), ``scorer`` (the task's
    primary one, with its version), ``rule`` (what in the answer decided).
    """
    said = {"speech": result.answers.speech, "text": result.answers.text}
    rows = []
    for side, answer in said.items():
        score = result.score(answer)
        judged = {"right": score.is_right, "scorer": result.answers.expected.scorer, "rule": score.rule}
        rows.append({"input": side, "answer": answer, **judged})
    return pd.DataFrame(rows).astype({"right": "boolean"})


def summary_table(result: PairResult, after_norm: bool = False) -> pd.DataFrame:
    """The pair in a few numbers, each with its null reference beside it; NaN is undefined."""
    rows = [row for metric in Metric for row in _summary_rows(result, metric, after_norm)]
    consistency = result.mean_path_consistency(after_norm)
    rows.append(("path consistency, mean over layers 0..L", consistency, np.nan, np.nan, np.nan))
    return pd.DataFrame(rows, columns=["quantity", "value", "null_low", "null_high", "z_score"])


def _summary_rows(result: PairResult, metric: Metric, after_norm: bool) -> list[tuple[str, float, float, float, float]]:
    values = result.values(metric)
    return [
        _row(
            f"{metric} similarity score" if metric == Metric.COSINE else "euclidean distance score",
            values.similarity_score(after_norm),
            values.null_similarity_scores(after_norm),
        ),
        _row(f"APS {metric}", values.aps(after_norm), values.null_aps(after_norm)),
        _row(
            f"monotonicity of the {metric} path, mean over layers 0..L",
            values.mean_monotonicity(after_norm),
            values.null_mean_monotonicity(after_norm),
        ),
    ]


def _row(name: str, value: float, null: np.ndarray) -> tuple[str, float, float, float, float]:
    if null.size == 0:
        return name, value, np.nan, np.nan, np.nan
    band, z = null_band(null), z_score(value, null)
    return name, value, float(band.low), float(band.high), np.nan if z is None else z
