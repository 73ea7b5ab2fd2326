"""The engines by name."""

from __future__ import annotations

from modgap_core.corpus.engine.engine import Engine
from modgap_core.registry import Registry, deferred

LOCAL, RAY = "local", "ray"

LOCAL_ENGINE = Engine(
    name=LOCAL,
    sentence="One process; sounds are read ahead and results written behind the model, in two threads.",
    source="ours",
    run=deferred("modgap_core.corpus.engine.local:run_job"),
)
RAY_ENGINE = Engine(
    name=RAY,
    sentence="Ray Data: one actor a GPU or worker, on this machine or a cluster, each writing its own batches.",
    source="ours",
    run=deferred("modgap_core.corpus.engine.ray_data:run_job"),
    extra="ray",
    modules=("ray",),
)


_HERE = "modgap_core.corpus.engine.engines"
ENGINES: Registry[Engine] = Registry(
    "engine", "modgap.engines", {LOCAL: f"{_HERE}:LOCAL_ENGINE", RAY: f"{_HERE}:RAY_ENGINE"}, Engine
)
