"""Engines: what carries the batches of a run through the models, each declared once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modgap_core.corpus.engine.batches import ItemBatch
    from modgap_core.corpus.engine.execution import Execution
    from modgap_core.corpus.engine.parts import EngineParts
    from modgap_core.corpus.engine.progress import RunProgress, Tell
    from modgap_core.corpus.manifest.item import CorpusItem
    from modgap_core.corpus.settings import CorpusSettings
    from modgap_core.corpus.store.run_folder import ModelFolder


@dataclass(frozen=True)
class Loading:
    """What a process needs to load the models of a run; it can be sent to another one.

    Attributes:
        model: folder or hub id; None for modgap-mini.
        settings: of the run.
        items: the whole manifest; the null reference is drawn from it.
        execution: where and how models are loaded.
    """

    model: str | None
    settings: CorpusSettings
    items: Sequence[CorpusItem]
    execution: Execution

    def parts(self) -> EngineParts:
        """Load them.

        Raises:
            ModelError: a model cannot be loaded.
        """
        from modgap_core.corpus.engine.parts import load_parts

        return load_parts(
            self.model,
            self.settings,
            self.items,
            self.execution.device,
            self.execution.device_map,
            self.execution.trust_remote_code,
            self.execution.unit_tokenizer,
        )


@dataclass(frozen=True)
class EngineJob:
    """One model's part of a run, for an engine.

    Attributes:
        loading: how a further process loads the models.
        parts: the models, loaded in this process.
        batches: those that are not finished.
        folder: of the model's results.
        progress: to be counted on.
        tell: to be told after each batch.
    """

    loading: Loading
    parts: EngineParts
    batches: Sequence[ItemBatch]
    folder: ModelFolder
    progress: RunProgress
    tell: Tell

    @property
    def settings(self) -> CorpusSettings:
        """Of the run."""
        return self.loading.settings


@dataclass(frozen=True)
class Engine:
    """A way to carry out a run; no result depends on it.

    Attributes:
        name: the key on the command line.
        sentence: what it does, for people.
        source: where it comes from.
        run: carries out a job and returns when every batch is a shard on disk.
        extra: extra of pyproject.toml that it needs; empty for none.
        modules: that have to be there.
    """

    name: str
    sentence: str
    source: str
    run: Callable[[EngineJob], None]
    extra: str = ""
    modules: tuple[str, ...] = ()
