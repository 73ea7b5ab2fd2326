"""The one exception that a user is meant to read.

Every message is one or two plain sentences: what was wrong, what came, what to do.
The app shows it as text, the command line prints it and exits with status 2.
"""


class ModGapError(ValueError):
    """Bad input or a missing piece, told in a sentence that a user can act on."""


class AudioError(ModGapError):
    """The sound cannot be analysed (not audio, empty, silent, too long ...)."""


class TranscriptError(ModGapError):
    """The transcript cannot be analysed (empty, too long, does not fit the sound ...)."""


class ModelError(ModGapError):
    """The model cannot be loaded or fails a check that ModGap relies on."""


class ResultError(ModGapError):
    """A result folder is missing, broken or of another format version."""


class InterventionError(ModGapError):
    """An intervention is not defined as asked for (strength, layer, tokens ...)."""
