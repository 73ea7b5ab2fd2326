"""A scorer of open questions, and of a task of its own."""

from modgap_core.scoring.score import Question, Score
from modgap_core.scoring.scorers import ScorerEntry


class WordCount:
    """Right where the answer has at least three words."""

    name, version = "word_count", "1"

    def __call__(self, _question: Question, answer: str) -> Score:
        """Count."""
        n = len(answer.split())
        return Score(float(n >= 3), f"{n} words")


WORD_COUNT = ScorerEntry("word_count", "Whether an answer has three words.", "toy", WordCount, tasks=("qa", "chatter"))
