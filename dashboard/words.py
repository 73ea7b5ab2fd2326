"""What each number means, in one line; the same words on the page and in the README's table."""

from __future__ import annotations

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
}
