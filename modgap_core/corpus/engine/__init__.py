"""What carries out a run: batches of items through the models, by one process or many."""

from modgap_core.corpus.engine.engine import Engine, EngineJob, Loading
from modgap_core.corpus.engine.engines import ENGINES, LOCAL, RAY
from modgap_core.corpus.engine.execution import Execution

__all__ = ["ENGINES", "LOCAL", "RAY", "Engine", "EngineJob", "Execution", "Loading"]
