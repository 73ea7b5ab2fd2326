"""Who speaks: voices heard in training, voices never heard, and a whole synthesiser never heard."""

from __future__ import annotations

import numpy as np

from modgap_core.audio.speak import Voice

KNOWN: tuple[tuple[str, str], ...] = (
    *(("espeak-ng", f"en-us+{v}") for v in ("m1", "m3", "m5", "m7", "f1", "f3", "f5", "Andy", "Annie", "Michael")),
    *(("espeak-ng", f"en-gb+{v}") for v in ("m1", "m3", "m8", "f1", "f5", "linda")),
    *(("espeak-ng", f"en-gb-scotland+{v}") for v in ("m5", "f3")),
    *(("espeak-ng", f"en-gb-x-rp+{v}") for v in ("m7", "f1")),
    *(("flite", v) for v in ("slt", "kal16", "rms")),
    *(("flite", v) for v in ("slt", "kal16", "rms")),  # twice: these three are a fifth of what is heard
)
UNKNOWN: tuple[tuple[str, str], ...] = (
    ("espeak-ng", "en-us+m4"),
    ("espeak-ng", "en-us+f2"),
    ("espeak-ng", "en-gb-x-gbcwmd+m6"),
    ("espeak-ng", "en-029+f4"),
    ("espeak-ng", "en-gb+klatt4"),
    ("flite", "awb"),
)
UNKNOWN_SYNTHESISER: tuple[tuple[str, str], ...] = (
    ("festival", "ked_diphone"),
    ("festival", "cmu_us_slt_arctic_hts"),
)
GROUPS = {"known": KNOWN, "unknown": UNKNOWN, "unknown_synthesiser": UNKNOWN_SYNTHESISER}


def draw_voice(group: str, rng: np.random.Generator) -> Voice:
    """A voice of the group with a random rate and pitch."""
    synthesiser, name = GROUPS[group][rng.integers(len(GROUPS[group]))]
    return Voice(synthesiser, name, rate_wpm=int(rng.integers(135, 200)), pitch=int(rng.integers(30, 71)))
