"""A run as one HTML file that needs no network; no streamlit."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

import plotly.graph_objects as go

from modgap_core.corpus.read.model_regression import partial_words, regression_words, try_regression
from modgap_core.corpus.read.scored_runs import scored_runs
from modgap_core.corpus.read.tables import TABLES_OF_RUN, ScoredRun, model_table
from modgap_core.corpus.read.tables.models import measures_of
from modgap_core.corpus.store.run_folder import RunFolder
from modgap_core.errors import ResultError
from modgap_core.figures import FIGURES, Subject, drawn
from modgap_core.interventions.method import USES_WORDS

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
table { border-collapse: collapse; font-size: 13px; } td, th { border-bottom: 1px solid #ddd; padding: 3px 8px; }
th { text-align: left; } .scroll { overflow-x: auto; max-height: 480px; overflow-y: auto; }
"""
_TITLES = {
    "scores": "Scores, points",
    "gap": "GAP = text - speech on the same items, points, with 95 % intervals, MDE and sign-flip test over clusters",
    "quantities": "Quantities of the run, those of other packages among them",
    "decomposition": "Gap to the original backbone = forgetting + misalignment, points",
    "agreement": "Agreement of speech with the pipeline: kappa, and error overlap in percent",
    "scorers": "All scorers, points, and how often they differ from the task's primary one (percent)",
    "interventions": "Interventions: gain over unedited speech, points; p by sign flips over clusters, Holm's p beside",
    "slices": "GAP by slice, points; p by sign flips over clusters, Benjamini and Hochberg's p beside",
    "alignment": "Alignment by outcome",
    "correlation": "Correlation of alignment with a right spoken answer, over items",
    "items": "Items, text right and speech wrong first",
    "layer_curves": "Layer curves, means over items",
    "status": "Finished and failed items",
}


def write_report(run: RunFolder, path: Path | None = None, clusters: Sequence[str] | None = None) -> Path:
    """Write the report of a run.

    Args:
        run: from `load_run`.
        path: of the file; by default report.html in the run's folder.
        clusters: columns that tell clusters apart; by default those that the run was given.

    Raises:
        ResultError: nothing is finished yet, or the file cannot be written.
    """
    path = path or run.folder / "report.html"
    try:
        path.write_text(report_html(scored_runs(run, clusters), run), encoding="utf-8")
    except OSError as error:
        raise ResultError(f"The report cannot be written to {path.name!r} ({error.strerror}).") from error
    return path


def report_html(runs: Sequence[ScoredRun], folder: RunFolder | None = None) -> str:
    """The report as HTML; everything that a manifest or model says is escaped."""
    parts = [
        "<h1>ModGap: corpus report</h1>",
        _provenance(folder),
        *_figures(runs, ("corpus_layer_curves", "gap"), first=True),
        *_regressions(runs),
        *(part for run in runs for part in _model(run)),
    ]
    head = f"<meta charset='utf-8'><title>ModGap: corpus report</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{''.join(parts)}</body></html>"


def _provenance(folder: RunFolder | None) -> str:
    if folder is None:
        return ""
    rows = [(key, str(value)) for key, value in folder.header.items()]
    rows += [(model.name, str(model.info["provenance"])) for model in folder.models]
    cells = "".join(f"<tr><th>{html.escape(k)}</th><td>{html.escape(v)}</td></tr>" for k, v in rows)
    return f"<details><summary>Where these numbers come from</summary><table>{cells}</table></details>"


def _figures(runs: Sequence[ScoredRun], names: Sequence[str], first: bool = False) -> list[str]:
    """Those of the figures that there is something to draw of; the first one brings plotly.js."""
    shown = [name for name in names if not FIGURES.get(name).is_empty(runs)]
    return [_html(drawn(Subject.RUNS, runs, name), first and number == 0) for number, name in enumerate(shown)]


def _regressions(runs: Sequence[ScoredRun]) -> list[str]:
    table = model_table(runs)
    if len(table) < 2:
        return []
    parts = ["<h2>GAP against alignment, over models</h2>"]
    for measure in measures_of(runs):
        fit, why_not = try_regression(table, measure)
        told = why_not if fit is None else f"{regression_words(fit)} {partial_words(table, measure)}"
        figure = _html(drawn(Subject.RUNS, runs, "regression", measure=measure))
        parts.append(f"<h3>{html.escape(measure.replace('_', ' '))}</h3>{figure}<p>{html.escape(told)}</p>")
    return parts


def _model(run: ScoredRun) -> list[str]:
    parts = [f"<h2>{html.escape(run.model)}</h2><p>Intervals and tests {html.escape(run.clusters.words)}.</p>"]
    if run.interventions:
        parts.append(f"<p>{html.escape(USES_WORDS)}</p>")
    parts += _figures([run], ("scores", "interventions", "outcome"))
    for name, build in TABLES_OF_RUN.items():
        table = build(run)
        if len(table):
            shown = table.to_html(index=False, na_rep="", float_format=lambda x: f"{x:.3g}", border=0)
            parts.append(f"<h3>{html.escape(_TITLES[name])}</h3><div class='scroll'>{shown}</div>")
    return parts


def _html(figure: go.Figure, first: bool = False) -> str:
    return str(figure.update_layout(template="plotly_white").to_html(full_html=False, include_plotlyjs=first))
