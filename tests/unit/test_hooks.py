"""The hooks on a decoder whose every state is known: block l adds 10^l, the norm negates."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from modgap_core.models.encoded import Encoded, positions, stacked
from modgap_core.models.hooks import AFTER_NORM, Edit, Recorder, prefill_hooks
from modgap_core.models.prompt import Prompt, transcript_span
from modgap_core.models.speech_lm import SpeechLM
from tests.tolerances import assert_close

PROMPT = torch.zeros(1, 4, 2)
SPAN = torch.tensor([[False, False, True, True]])
NEXT_TOKEN = torch.zeros(1, 1, 2)


class Adds(nn.Module):
    """A block that adds a number to every state."""

    def __init__(self, number: float) -> None:
        super().__init__()
        self.number = number

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return states + self.number


class Negates(nn.Module):
    """A final norm that nobody can take for none."""

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return -states


class Decoder(nn.Module):
    """Three blocks and a norm."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Adds(1.0), Adds(10.0), Adds(100.0)])
        self.norm = Negates()
        self.config = SimpleNamespace(num_kv_shared_layers=0)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        for block in self.layers:
            states = block(states)
        return self.norm(states)


def a_number(layer: int, states: torch.Tensor, _span: torch.Tensor) -> tuple[int, float]:
    """The layer's number and its last state, which is one of the span."""
    return layer, float(states[0, -1, 0])


def run(edits: dict[int, Edit] | None = None) -> tuple[Recorder, torch.Tensor]:
    """The prompt and one more token, with the hooks on."""
    decoder = Decoder()
    with prefill_hooks(decoder, SPAN, a_number, edits) as recorder:
        decoder(PROMPT)
        answer = decoder(NEXT_TOKEN)
    return recorder, answer


def test_layer_l_is_what_enters_block_l() -> None:
    recorder, _ = run()
    assert recorder.reduced == [(0, 0.0), (1, 1.0), (2, 11.0), (3, 111.0), (AFTER_NORM, -111.0)]


def test_an_edit_changes_its_layer_and_those_above() -> None:
    recorder, _ = run({1: lambda states, span: torch.where(span[..., None], states + 5, states)})
    assert recorder.reduced == [(0, 0.0), (1, 6.0), (2, 16.0), (3, 116.0), (AFTER_NORM, -116.0)]
    assert recorder.fired == {1: 1}


def test_the_hooks_leave_decoding_alone() -> None:
    """The next token is a call of another length: nothing is measured, and no edit acts."""
    seen = []

    def edit(states: torch.Tensor, _span: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(states.shape))
        return states + 1000

    recorder, answer = run({0: edit})
    assert seen == [(1, 4, 2)]
    assert len(recorder.reduced) == 5
    assert answer.tolist() == [[[-111.0, -111.0]]]


# --- rows of different lengths ---


def prompt_of(n: int, number: float) -> Encoded:
    """A prompt of n positions whose embeddings are all this number; the span is its last two."""
    inputs = {"inputs_embeds": torch.full((1, n, 2), number), "attention_mask": torch.ones(1, n, dtype=torch.long)}
    return Encoded(inputs, torch.arange(n)[None] >= n - 2, 100.0)


def test_stacked_prompts_end_together() -> None:
    """Embeddings, mask and span of the shorter one are moved by the same two positions."""
    batch = stacked([prompt_of(3, 7.0), prompt_of(5, 9.0)])
    assert batch.inputs["inputs_embeds"][:, :, 0].tolist() == [[0, 0, 7, 7, 7], [9, 9, 9, 9, 9]]
    assert batch.inputs["attention_mask"].tolist() == [[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]]
    assert batch.span.int().tolist() == [[0, 0, 0, 1, 1], [0, 0, 0, 1, 1]]


def test_padding_moves_no_position() -> None:
    assert positions(torch.tensor([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]])).tolist() == [[0, 0, 0, 1, 2], [0, 1, 2, 3, 4]]


@pytest.mark.numeric
def test_the_first_logits_of_a_padded_row_are_those_of_it_alone(mini: SpeechLM) -> None:
    texts = ["which number comes after sixteen", "what is the capital of austria and of hungary"]
    batch = mini.encode_text(texts)
    assert int(batch.inputs["attention_mask"].min()) == 0
    together = mini.logits(batch)
    for row, text in enumerate(texts):
        assert_close(together[row], mini.logits(mini.encode_text([text]))[0])


# --- where a transcript stands ---


def test_the_span_of_a_transcript_ends_where_it_ends() -> None:
    """One token a character: of ``<ab>`` the two in the middle."""
    tokenizer = SimpleNamespace(decode=lambda ids: "".join(chr(int(i)) for i in ids))
    ids = torch.tensor([ord(c) for c in "<ab>"])
    offsets = torch.tensor([[0, 1], [1, 2], [2, 3], [3, 4]])
    inside, tokens = transcript_span(tokenizer, ids, offsets, Prompt("<", ">"), "ab")
    assert inside.tolist() == [False, True, True, False]
    assert [(t.text, t.start, t.end) for t in tokens] == [("a", 0, 1), ("b", 1, 2)]
