"""Which transformers release the adapters were tested with."""

from __future__ import annotations

import transformers

TESTED_TRANSFORMERS = "5.23"


def untested_notes() -> list[str]:
    """A sentence for the user if the installed transformers is of another minor release; else nothing."""
    if transformers.__version__.startswith(f"{TESTED_TRANSFORMERS}."):
        return []
    return [
        f"transformers {transformers.__version__} was not tested with ModGap (tested: {TESTED_TRANSFORMERS}); "
        "the self-check passed, 'modgap doctor' checks more."
    ]
