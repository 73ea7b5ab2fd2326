"""What each number means, in one line; the same words on the page and in the README's table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modgap_core.interventions.method import METHODS
from modgap_core.metrics import PATHS, QUANTITIES, SIMILARITIES

if TYPE_CHECKING:
    from modgap_core.results.pair_result import PairResult

EXPLANATIONS: dict[str, str] = {
    "layer curve": "Speech and text states averaged over their tokens, compared layer by layer (paper, section 4).",
    "similarity score": "Mean of the cosine layer curve over layers 1..L; higher is closer (section 4).",
    "APS cosine": "Alignment Path Score: mean cosine between each text token and its best speech token, layers 1..L; "
    "higher is better (section 5).",
    "APS Euclidean": "The same with distances; lower is better. It depends on the length of the states, so compare "
    "it only within one model.",
    "monotonicity": "Spearman rank correlation between text tokens and the speech tokens of their path: 1 means that "
    "the path runs strictly forward in time.",
    "path consistency": "Share of text tokens for which the cosine path and the distance path pick the same speech "
    "token.",
    "null": "The same number for pairs that do not belong together: this speech with 20 other transcripts, this "
    "transcript with 20 other clips (for monotonicity: this path with its text tokens shuffled). A value inside the "
    "band says nothing about this pair.",
    "z": "How many standard deviations of the null the value lies from the null's mean.",
    "final norm": "The last layer's states are measured before the model's final norm. After it their length jumps "
    "for that reason alone; switch it on to compare with curves made from output_hidden_states.",
    "method": "Angle projection: the text token's direction, the speech token's length. Length normalization: the "
    "speech token's direction, the text token's length. Both: the text token's state (section 5.3). All three use "
    "the transcript: they write states of the right words into the prompt. The controls write in the same words at "
    "wrong places, another question's words, a random direction, mean and spread of the words, or nothing.",
    "strength": "0 leaves the states as they are, 1 is the paper's intervention; between, the direction goes that "
    "share of the way on the great circle, the length on a straight line.",
    "bottom": "The k speech tokens of the alignment path with the lowest alignment score (the paper's Bottom-3), all "
    "tokens of the path, or tokens picked by hand. Where text tokens share a speech token, the best of them counts.",
    "path layer": "Which layer's cosine path chooses the tokens and their partners; the paper does not say. By default "
    "the path of the mean matrix over layers 1..L.",
    "edit layer": "Where the states are changed, in the prompt only: 0 is the LLM input. The paper does not say.",
    "shared keys": "Higher layers of this model reuse keys and values of lower ones; a change there reaches no answer.",
    "target": "Log-probability of the right answer (of multiple choice the right option's text, of several right "
    "answers the first), or where none is known of the answer to the transcript; natural logarithm, summed over its "
    "tokens; higher is better.",
    "GAP": "Score with text input minus score with speech input, on the same items, in points, with a 95 % bootstrap "
    "interval over clusters. Relative GAP is its share of the text score (section 3).",
    "clusters": "Items that belong together, such as all of one voice or one question: their answers are not "
    "independent, and an interval that forgets it is too narrow. C is their number. Without a declared column it is "
    "the one that widens the interval of GAP most.",
    "MDE": "The smallest true GAP or gain that so many clusters find with a chance of 80 %, at a level of 5 %: "
    "2.80 standard errors.",
    "sign flip": "Test over clusters: how often the difference would be as large if chance gave each cluster its sign.",
    "forgetting": "Score of the original text backbone minus the tuned model's text score; GAP is the rest of the way "
    "to speech (misalignment).",
    "kappa": "Cohen's kappa: agreement of right and wrong beyond chance, -1 to 1. Error overlap: items wrong in both "
    "over items wrong in either.",
    "MRR": "100 times the speech score over the text score of the original text backbone; where none was run, over "
    "the model's own, and the page says so.",
    "primary scorer": "The rule whose score the tables show, and by which an answer is called right or wrong on every "
    "page; each task has others beside it, and the page Corpus says how often they differ.",
    "KL": "Kullback-Leibler divergence of the answer's first-token distribution from the unedited speech's, in nats; 0 "
    "means that the edit changes nothing there.",
}


def explanations() -> dict[str, str]:
    """What each number means, those that other packages declare too."""
    own = (*SIMILARITIES.own_names(), *QUANTITIES.own_names(), *PATHS.own_names(), *METHODS.own_names())
    further = [
        offer.entry
        for registry in (SIMILARITIES, PATHS, QUANTITIES, METHODS)
        for offer in registry.offers()
        if not offer.problem and offer.name not in own
    ]
    return EXPLANATIONS | {entry.title: f"{entry.sentence} ({entry.source})" for entry in further}


def explanation_of(column: str, result: PairResult, label: str) -> str:
    """What a number of a pair means, by its label on the page or by its quantity's own sentence."""
    if label in EXPLANATIONS:
        return EXPLANATIONS[label]
    found = [values for values in result.measured.layers.values() if values.column == column]
    name = found[0].key.quantity if found else column
    return (
        QUANTITIES.get(name).sentence
        if name in QUANTITIES
        else (found[0].told.sentence if found and found[0].told else "")
    )
