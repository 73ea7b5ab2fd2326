"""Adapter of Audio Flamingo 3 and Music Flamingo."""

from __future__ import annotations

from modgap_core.models.adapters.pooled_whisper import PooledWhisperAdapter


class AudioFlamingoAdapter(PooledWhisperAdapter):
    """40 ms a speech token; the encoder wants its whole 30-second window, longer clips are refused."""

    model_types = ("audioflamingo3", "musicflamingo")
    mask_name = "input_features_mask"

    @property
    def speech_markup(self) -> str:
        """The placeholder, between the marks of begin and end where the model has them (Music Flamingo)."""
        ids = [getattr(self.model.config, f"audio_{end}_token_id", None) for end in ("bos", "eos")]
        begin, end = (
            "" if i is None or i >= len(self.tokenizer) else self.tokenizer.convert_ids_to_tokens(i) for i in ids
        )
        return f"{begin}{self.placeholder}{end}"
