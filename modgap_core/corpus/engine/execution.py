"""How a run is carried out; none of it changes a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modgap_core.corpus.engine.engines import ENGINES, LOCAL
from modgap_core.errors import ModGapError
from modgap_core.extras import need_extra

if TYPE_CHECKING:
    from modgap_core.models.speech_units import UnitTokenizer


@dataclass(frozen=True)
class Execution:
    """How a run is carried out.

    Attributes:
        engine: name of the engine: ``local``, ``ray``, or another package's.
        workers: of ray; 0 is one a GPU.
        address: of a Ray cluster.
        part: (k, n): only every n-th batch, from the k-th, 1 <= k <= n; the parts are merged afterwards.
        device: see `modgap_core.models.load.load_model`, as the following.
        device_map: spreads the model over GPUs.
        trust_remote_code: run code that lies in the model's folder.
        unit_tokenizer: for models whose speech is discrete units.

    Raises:
        ModGapError: the engine is unknown or not installed, or there is no such part.
    """

    engine: str = LOCAL
    workers: int = 0
    address: str | None = None
    part: tuple[int, int] = (1, 1)
    device: str = "auto"
    device_map: str | None = None
    trust_remote_code: bool = False
    unit_tokenizer: UnitTokenizer | None = None

    def __post_init__(self) -> None:
        engine = ENGINES.get(self.engine)
        if engine.modules:
            need_extra(engine.extra, f"The engine {engine.name}", *engine.modules)
        if not 1 <= self.part[0] <= self.part[1]:
            raise ModGapError(f"Part {self.part[0]}/{self.part[1]} is not there; write K/N with K from 1 to N.")
