"""The columns of a run's tables: name -> what it is, with its unit. Written into the Parquet files too."""

from __future__ import annotations

ITEMS = {
    "row": "number of the item in the manifest, from 0",
    "id": "of the manifest",
    "audio": "name of the sound file",
    "transcript": "what is said",
    "reference": "the right answer; empty where there is none",
    "task": "qa, mcq, refusal, ifeval or none",
    "status": "ok or failed",
    "reason": "why it failed",
    "clip_sha256": "SHA-256 of the samples (mono, 16 kHz, float32)",
    "duration_s": "length of the clip, seconds",
    "n_speech_tokens": "Ts, speech tokens",
    "n_text_tokens": "Tt, text tokens of the transcript",
    "heard": "what the ASR wrote; empty without a pipeline",
    "cosine_similarity": "mean cosine layer curve over layers 1..L (paper, section 4)",
    "euclidean_distance": "mean Euclidean layer curve over layers 1..L",
    "aps_cosine": "Alignment Path Score with cosine, layers 1..L (section 5.2); higher is better",
    "aps_euclidean": "Alignment Path Score with distance; lower is better",
    "monotonicity_cosine": "mean Spearman correlation of the cosine path over layers 0..L (section 5.1), -1..1",
    "monotonicity_euclidean": "the same of the distance path",
    "path_consistency": "mean share of text tokens with equal paths over layers 0..L, 0..1",
    "null_cosine_similarity": "mean of cosine_similarity over mismatched pairs",
    "null_euclidean_distance": "mean of euclidean_distance over mismatched pairs",
    "null_aps_cosine": "mean of aps_cosine over mismatched pairs",
    "null_aps_euclidean": "mean of aps_euclidean over mismatched pairs",
    "z_aps_cosine": "aps_cosine less the null's mean, in the null's standard deviations",
    "z_aps_euclidean": "the same of aps_euclidean; negative is better",
}
"""One row an item. Any other column is a slice of the manifest."""

ANSWERS = {
    "row": "of the item",
    "id": "of the item",
    "condition": "text, speech, pipeline, pipeline_backbone, text_backbone, or an intervention's label",
    "answer": "greedy",
}
"""One row an item and condition."""

SCORES = {
    "row": "of the item",
    "id": "of the item",
    "condition": "as in the answers",
    "scorer": "name",
    "is_primary": "whether this is the task's main scorer",
    "value": "0..1; empty where it could not be scored",
    "rule": "what in the answer gave the score",
}
"""One row an item, condition and scorer."""

LAYERS = {
    "row": "of the item",
    "id": "of the item",
    "entry": "0..L are layers 0..L (L before the final norm); L + 1 is layer L after the final norm",
    "cosine": "cosine similarity of the mean-pooled states (section 4)",
    "euclidean": "Euclidean distance of the mean-pooled states",
    "monotonicity_cosine": "Spearman correlation of the cosine path",
    "monotonicity_euclidean": "Spearman correlation of the distance path",
    "path_consistency": "share of text tokens for which both paths agree",
    "aps_term_cosine": "mean of A over the cosine path",
    "aps_term_euclidean": "mean of A over the distance path",
    "null_cosine": "mean of cosine over mismatched pairs",
    "null_euclidean": "mean of euclidean over mismatched pairs",
}
"""One row an item and layer."""

TABLES = {"items": ITEMS, "answers": ANSWERS, "scores": SCORES, "layers": LAYERS}

_TAKEN = {"text", "speech", "pipeline", "pipeline_backbone", "text_backbone", "model", "slice", "value", "items"}
_TAKEN |= {"n", "clusters", "cluster_by", "mde", "p", "p_bh"}
_TAKEN_BEGINNINGS = ("answer_", "score_", "gap", "relative_gap", "mrr", "order")


def is_taken(name: str) -> bool:
    """Whether a column of the results is named so, and a slice cannot be.

    >>> is_taken("status"), is_taken("accent")
    (True, False)
    """
    return name in ITEMS or name in _TAKEN or name.startswith(_TAKEN_BEGINNINGS)
