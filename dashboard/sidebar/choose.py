"""The sidebar of the pages that show a pair: which model, which pair, what is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from dashboard.shared.request import PairRequest
from dashboard.shared.saved_result import SavedResult
from dashboard.sidebar.input_source import INPUTS, InputSource
from dashboard.sidebar.measures import choose_measures
from modgap_core.errors import ModGapError

MINI, OTHER = "modgap-mini (ships with ModGap)", "Folder or hub id"


@dataclass(frozen=True)
class Chosen:
    """What the sidebar says.

    Attributes:
        model: folder or hub id; empty for modgap-mini.
        source: where the pair comes from.
        request: the pair, or None while something is still to be given.
        saved: a result that was saved, where that is the source; None until it is given.
        error: a sentence if the input cannot be used.
    """

    model: str
    source: InputSource
    request: PairRequest | None = None
    saved: SavedResult | None = None
    error: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """Names the input: equal for the same pair on the same model."""
        pair = self.request
        of_pair = () if pair is None else (pair.clip.sha256, pair.transcript, repr(pair.reference))
        return self.model, self.source.name, "" if self.saved is None else self.saved.identity, *of_pair


def choose() -> Chosen:
    """Draw the sidebar."""
    model, source = choose_model(), choose_input()
    try:
        found = source.choose(model)
        if isinstance(found, SavedResult):
            return Chosen(model, source, saved=found)
        return Chosen(model, source, found if found is None else replace(found, measures=choose_measures()))
    except ModGapError as error:
        return Chosen(model, source, error=str(error))


def choose_model() -> str:
    """The model's folder or hub id; empty for modgap-mini."""
    wanted = st.session_state.pop("open_model", None)  # of an item of a corpus
    if wanted is not None:
        st.session_state["model_choice"] = OTHER if wanted else MINI
        st.session_state["model_name"] = wanted
    choice = st.sidebar.radio("Model", (MINI, OTHER), key="model_choice")
    if choice == MINI:
        return ""
    return st.sidebar.text_input("Model folder or hub id", key="model_name", placeholder="Qwen/Qwen2-Audio-7B-Instruct")


def choose_input() -> InputSource:
    """Where the pair comes from."""
    sources = {source.title: source for source in _usable()}
    if st.session_state.pop("open_corpus_item", False):
        st.session_state["input"] = INPUTS.get("corpus_item").title
    return sources[str(st.sidebar.radio("Input", list(sources), key="input", bind="query-params"))]


def _usable() -> list[InputSource]:
    """All input sources; one of another package that cannot be loaded is named and passed over."""
    found = []
    for offer in INPUTS.offers():
        if offer.problem:
            st.sidebar.caption(offer.problem)
        else:
            found.append(offer.entry)
    return found
