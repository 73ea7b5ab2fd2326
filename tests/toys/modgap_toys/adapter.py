"""An adapter for a model type that ModGap does not know."""

from transformers import AutoConfig, AutoProcessor

from modgap_core.models.adapters.lslm import LSLMAdapter
from modgap_core.models.lslm import LSLMConfig, LSLMForConditionalGeneration, LSLMProcessor


class ToyConfig(LSLMConfig):
    """The paper's LSLM under another name."""

    model_type = "toy_lslm"


class ToyModel(LSLMForConditionalGeneration):
    """The same network."""

    config_class = ToyConfig


AutoConfig.register("toy_lslm", ToyConfig, exist_ok=True)
AutoProcessor.register(ToyConfig, LSLMProcessor, exist_ok=True)


class ToyAdapter(LSLMAdapter):
    """How ModGap reaches inside it."""

    model_types = ("toy_lslm",)

    @classmethod
    def network_class(cls, _architecture: str) -> type[ToyModel]:
        """The toy's own class."""
        return ToyModel
