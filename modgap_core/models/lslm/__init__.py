"""The paper's own model family, registered with the transformers Auto classes."""

from transformers import (
    AutoConfig,
    AutoFeatureExtractor,
    AutoModelForMultimodalLM,
    AutoProcessor,
    WhisperFeatureExtractor,
)

from modgap_core.models.lslm.configuration import LSLMConfig
from modgap_core.models.lslm.modeling import LSLMForConditionalGeneration, SpeechAdapter
from modgap_core.models.lslm.processing import LSLMProcessor

AutoConfig.register(LSLMConfig.model_type, LSLMConfig, exist_ok=True)
AutoModelForMultimodalLM.register(LSLMConfig, LSLMForConditionalGeneration, exist_ok=True)
AutoFeatureExtractor.register(LSLMConfig, WhisperFeatureExtractor, exist_ok=True)
AutoProcessor.register(LSLMConfig, LSLMProcessor, exist_ok=True)

__all__ = ["LSLMConfig", "LSLMForConditionalGeneration", "LSLMProcessor", "SpeechAdapter"]
