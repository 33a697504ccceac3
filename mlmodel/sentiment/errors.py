"""The library's exceptions, named for what the caller can do about them."""


class SentimentError(Exception):
    """Base class of the library's errors; the message is one sentence for a person."""


class CorpusError(SentimentError, ValueError):
    """The data is missing or wrong: correct the data."""


class ParameterError(SentimentError, ValueError):
    """An algorithm or a parameter does not exist: correct the call."""


# Not a ValueError: the caller's arguments may be right and the file be damaged.
class ModelUnavailable(SentimentError):
    """No model can be loaded from the folder: continue without predictions, or use another."""
