"""The controls of one intervention."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.explorer import ExplorerSelection
from dashboard.shared.words import EXPLANATIONS
from modgap_core.errors import InterventionError
from modgap_core.interventions.condition import Condition
from modgap_core.interventions.method import METHODS
from modgap_core.interventions.token_choice import ALL, BOTTOM, PICKED, TokenChoice

_TOKENS = {BOTTOM: "Bottom-k of the path", ALL: "All of the path", PICKED: "Picked by hand"}
_MEAN = "mean of layers 1..L"


@dataclass(frozen=True)
class Span:
    """What can be chosen: L, how many layers can be edited, and the number of speech tokens."""

    n_layers: int
    n_editable: int
    n_speech: int


def usable_methods() -> list[str]:
    """Names of the methods; those of a package that cannot be loaded are left out (modgap list methods says why)."""
    return [offer.name for offer in METHODS.offers() if not offer.problem]


def method_label(name: str) -> str:
    """A method in words."""
    return METHODS.get(name).label


def load_setting(condition: Condition) -> None:
    """Set the controls to a setting, before they are drawn."""
    state = st.session_state
    state["iv_method"], state["iv_strength"] = condition.method, condition.strength
    state["iv_tokens"], state["iv_k"] = condition.tokens.kind, condition.tokens.k
    state["iv_layers"] = (condition.edit_layers[0], condition.edit_layers[-1])


def choose_condition(span: Span) -> Condition | None:
    """The intervention that the controls describe; None while no token is picked."""
    for key, value in {
        "iv_method": "angle",
        "iv_strength": 1.0,
        "iv_tokens": BOTTOM,
        "iv_k": 3,
        "iv_picked": [],
        "iv_path": _MEAN,
        "iv_layers": (0, 0),
    }.items():
        st.session_state[key] = st.session_state.get(key, value)
    _drop_what_is_not_there(span)
    left, middle, right = st.columns(3)
    method = left.selectbox(
        "Method", usable_methods(), format_func=method_label, key="iv_method", help=EXPLANATIONS["method"]
    )
    strength = left.slider("Strength", 0.0, 1.0, step=0.05, key="iv_strength", help=EXPLANATIONS["strength"])
    kind = middle.radio(
        "Speech tokens", list(_TOKENS), format_func=_TOKENS.__getitem__, key="iv_tokens", help=EXPLANATIONS["bottom"]
    )
    choice = _tokens(kind, span)
    layers = ["0", *map(str, range(1, span.n_layers + 1))]
    path = right.selectbox("Path of layer", [_MEAN, *layers], key="iv_path", help=EXPLANATIONS["path layer"])
    ends: tuple[int, int] = right.slider(  # type: ignore[assignment]  # two ends, as its state holds two
        "Layers of the edit", 0, span.n_editable - 1, key="iv_layers", help=EXPLANATIONS["edit layer"]
    )
    if span.n_editable < span.n_layers:
        right.caption(EXPLANATIONS["shared keys"])
    if choice is None:
        return None
    return Condition(
        str(method), choice, float(strength), None if path == _MEAN else int(path), tuple(range(ends[0], ends[1] + 1))
    )


def _tokens(kind: str, span: Span) -> TokenChoice | None:
    if kind == BOTTOM:
        return TokenChoice(
            BOTTOM, k=st.slider("k, the worst aligned tokens", 1, min(20, max(2, span.n_speech)), key="iv_k")
        )
    if kind == ALL:
        return TokenChoice(ALL)
    picked = st.multiselect(
        "Speech tokens (or click cells in the explorer below)", range(span.n_speech), key="iv_picked"
    )
    try:
        return TokenChoice(PICKED, picked=tuple(picked))
    except InterventionError:
        st.info("Click a cell in the explorer below, or choose numbers here; a second click takes a token out again.")
        return None


def _drop_what_is_not_there(span: Span) -> None:
    """Another pair or model may have fewer tokens and layers than the controls remember."""
    state = st.session_state
    state["iv_picked"] = [i for i in state["iv_picked"] if i < span.n_speech]
    state["iv_k"] = min(state["iv_k"], max(2, span.n_speech), 20)
    state["iv_layers"] = tuple(min(layer, span.n_editable - 1) for layer in state["iv_layers"])
    if state["iv_path"] != _MEAN and int(state["iv_path"]) > span.n_layers:
        state["iv_path"] = _MEAN


def pick_from(selection: ExplorerSelection | None) -> bool:
    """Add the clicked speech token to the picked ones, or take it out; True if that changed them."""
    seen = st.session_state.get("iv_seen_selection")
    st.session_state["iv_seen_selection"] = selection
    if selection is None or selection == seen or selection.speech_token is None:
        return False
    picked = list(st.session_state.get("iv_picked", []))
    token = selection.speech_token
    st.session_state["iv_to_pick"] = [i for i in picked if i != token] if token in picked else [*picked, token]
    return True


def take_picked() -> None:
    """Bring a click of the last run into the controls, before they are drawn."""
    if "iv_to_pick" in st.session_state:
        st.session_state["iv_picked"] = st.session_state.pop("iv_to_pick")
