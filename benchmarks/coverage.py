"""How often the 95 % intervals hold the truth: simulated runs whose true GAP is known, items in clusters.

`python -m benchmarks.coverage` prints the share for each design; 93 to 97 % of 2,000 runs is what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from benchmarks.timing import print_table
from modgap_core.statistics import Interval, agreement, mrr
from modgap_core.statistics.paired_difference import difference_interval

N_RUNS = 2_000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """One simulated run: scores by item, and the cluster columns that its intervals are told."""

    text: Floats
    speech: Floats
    clusters: Sequence[NDArray[np.intp]]


@dataclass(frozen=True)
class Design:
    """Items in clusters. Speech is right where a latent variable, with a part for each cluster, is below a bound.

    Attributes:
        name: of the row.
        sizes: items of each cluster.
        spread: share of the latent variance between clusters, 0..1; of crossed columns each.
        text_right: true text score.
        speech_right: true share of right spoken answers where text is right; 0.1 less where it is wrong.
        n_crossed: clusters of the second column; 0 for none.
    """

    name: str
    sizes: tuple[int, ...]
    spread: float
    text_right: float = 0.9
    speech_right: float = 0.65
    n_crossed: int = 0

    def draw(self, seed: int) -> Drawn:
        """A run."""
        rng = np.random.default_rng([seed, len(self.sizes), self.n_crossed])
        one = np.repeat(np.arange(len(self.sizes)), self.sizes)
        columns = [one]
        if self.n_crossed:
            columns.append(np.concatenate([rng.permutation(size) % self.n_crossed for size in self.sizes]))
        latent = np.sqrt(1 - self.spread * len(columns)) * rng.normal(size=len(one))
        for column in columns:
            latent = latent + np.sqrt(self.spread) * rng.normal(size=column.max() + 1)[column]
        text = rng.random(len(one)) < self.text_right
        speech = latent < norm.ppf(np.where(text, self.speech_right, self.speech_right - 0.1))
        return Drawn(text.astype(float), speech.astype(float), columns if self.spread else [])

    @property
    def true_gap(self) -> float:
        """In points."""
        return 100 * (self.text_right - self.true_speech)

    @property
    def true_speech(self) -> float:
        """Share of right spoken answers."""
        return self.text_right * self.speech_right + (1 - self.text_right) * (self.speech_right - 0.1)


def _unequal(n_clusters: int, mean: int) -> tuple[int, ...]:
    """Cluster sizes from a third of the mean to five thirds."""
    return tuple(np.linspace(mean / 3, 5 * mean / 3, n_clusters).round().astype(int).tolist())


DESIGNS = (
    Design("360 items alone", (1,) * 360, 0.0),
    Design("60 items alone", (1,) * 60, 0.0),
    Design("188 questions of 2 items", (2,) * 188, 0.3),
    Design("29 voices of 4 to 20 items", _unequal(29, 12), 0.2),
    Design("12 voices of 10 to 50 items", _unequal(12, 30), 0.2),
    Design("29 voices, near 100 points", _unequal(29, 12), 0.2, 0.99, 0.97),
    Design("30 voices x 20 questions", (20,) * 30, 0.15, n_crossed=20),
)


def covered(design: Design, interval_of: Callable[[Drawn], Interval], truth: float, n_runs: int = N_RUNS) -> float:
    """Share of simulated runs whose interval holds the truth."""
    found = [interval_of(design.draw(seed)) for seed in range(n_runs)]
    return float(np.mean([each.low <= truth <= each.high for each in found]))


def of_gap(run: Drawn) -> Interval:
    """GAP with its clusters."""
    return difference_interval(run.text, run.speech, run.clusters)


def of_gap_without_clusters(run: Drawn) -> Interval:
    """GAP as if the items were independent."""
    return difference_interval(run.text, run.speech)


def of_mrr(run: Drawn) -> Interval:
    """MRR over the text score."""
    return mrr(run.speech, run.text, "text", run.clusters).mrr


def of_error_overlap(run: Drawn) -> Interval:
    """Error overlap of text and speech."""
    return agreement(run.text, run.speech, run.clusters).error_overlap


def true_error_overlap(design: Design) -> float:
    """Items wrong under both over items wrong under any, percent."""
    both_right = design.text_right * design.speech_right
    both_wrong = (1 - design.text_right) * (1 - design.speech_right + 0.1)
    return 100 * both_wrong / (1 - both_right)


def main() -> None:
    """Print the table."""
    rows = {}
    for design in DESIGNS:
        shares = {
            "GAP": covered(design, of_gap, design.true_gap),
            "MRR": covered(design, of_mrr, 100 * design.true_speech / design.text_right),
            "error overlap": covered(design, of_error_overlap, true_error_overlap(design)),
            "GAP with the clusters forgotten": covered(design, of_gap_without_clusters, design.true_gap),
        }
        rows[design.name] = "; ".join(f"{name} {100 * share:.1f}" for name, share in shares.items())
    print_table(f"Percent of {N_RUNS} simulated runs whose 95 % interval holds the truth", rows)


if __name__ == "__main__":
    main()
