"""What can go wrong, by what the caller can do about it."""


class SentimentError(Exception):
    """Anything this package refuses to do; its text is one sentence for a person."""


class CorpusError(SentimentError):
    """The data is missing or wrong: fix the data."""


class ModelUnavailable(SentimentError):
    """No model can be read from there: carry on, unread."""
