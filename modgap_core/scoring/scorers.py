"""Which scorers a task has; the first of them is the task's primary one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from modgap_core.registry import Registry
from modgap_core.scoring.ifeval import ifeval_scorers
from modgap_core.scoring.judge import import_judge
from modgap_core.scoring.mcq_exact import McqExact
from modgap_core.scoring.mcq_robust import McqRobust
from modgap_core.scoring.open_qa import QaContains, QaTokenF1
from modgap_core.scoring.pedant import NAME as PEDANT
from modgap_core.scoring.pedant import Pedant
from modgap_core.scoring.refusal_exact import RefusalExact
from modgap_core.scoring.refusal_robust import RefusalRobust
from modgap_core.scoring.score import Scorer, ScoringError

_OF_TASK: dict[str, Callable[[], tuple[Scorer, ...]]] = {
    "qa": lambda: (QaContains(), QaTokenF1()),
    "mcq": lambda: (McqRobust(), McqExact()),
    "refusal": lambda: (RefusalRobust(), RefusalExact()),
    "ifeval": ifeval_scorers,
    "none": tuple,
}
TASKS = tuple(_OF_TASK)
"""ModGap's own; a scorer of another package may be for a task of its own (`tasks`)."""


@dataclass(frozen=True)
class ScorerEntry:
    """A further scorer, declared once; it scores where it is asked for by name.

    Attributes:
        name: the key on the command line.
        sentence: what it does, for people.
        source: where it comes from.
        make: makes it; what it needs is loaded and checked then.
        tasks: what it scores. A task that ModGap does not know becomes known by it, with this scorer as its primary
            one.
    """

    name: str
    sentence: str
    source: str
    make: Callable[[], Scorer]
    tasks: tuple[str, ...] = ("qa",)


PEDANT_ENTRY = ScorerEntry(
    PEDANT, "Judges open answers by a trained classifier, as VoiceBench does.", "PEDANT, package qa_metrics", Pedant
)


SCORERS: Registry[ScorerEntry] = Registry(
    "scorer", "modgap.scorers", {PEDANT: "modgap_core.scoring.scorers:PEDANT_ENTRY"}, ScorerEntry
)


def tasks() -> tuple[str, ...]:
    """Every task that can be scored."""
    return tuple(dict.fromkeys((*TASKS, *(task for entry in _plugged() for task in entry.tasks))))


def _plugged() -> list[ScorerEntry]:
    return [SCORERS.get(name) for name in SCORERS.names() if name != PEDANT]


def scorers_for(task: str, extra: Sequence[str] = ()) -> tuple[Scorer, ...]:
    """The scorers of a task.

    Args:
        task: qa, mcq, refusal, ifeval, none, or a task that another package's scorer is for.
        extra: names of further scorers, or MODULE:FUNCTION of a judge of open questions; they come last.

    Raises:
        ScoringError: the task or a scorer is unknown, or a package is missing.
    """
    further = tuple(_extra(name) for name in extra)  # also where they do not score, so that a wrong name is told
    chosen = tuple(scorer for of, scorer in further if task in of)
    if task in _OF_TASK:
        return (*_OF_TASK[task](), *chosen)
    own = tuple(entry.make() for entry in _plugged() if task in entry.tasks)
    if not own:
        raise ScoringError(f"Unknown task {task!r}; choose from {', '.join(tasks())}.")
    known = {scorer.name for scorer in own}
    return (*own, *(scorer for scorer in chosen if scorer.name not in known))


def _extra(name: str) -> tuple[tuple[str, ...], Scorer]:
    """The tasks of a further scorer, and the scorer."""
    if name in SCORERS:
        entry = SCORERS.get(name)
        return entry.tasks, entry.make()
    if ":" in name:
        return ("qa",), import_judge(name)
    raise ScoringError(f"Unknown scorer {name!r}; choose {', '.join(SCORERS.names())}, or a judge as MODULE:FUNCTION.")
