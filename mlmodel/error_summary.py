"""Errors as one sentence for a person."""

import errno

from mlmodel.sentiment.errors import SentimentError

FULL = (errno.ENOSPC, errno.EDQUOT)
# The messages of SQLite and of lists of failed copies.
FULL_TEXTS = ("database or disk is full", "No space left on device", "Disk quota exceeded")


def summarize(error: BaseException) -> str:
    if isinstance(error, SentimentError):
        return str(error)
    if _is_full(error):
        where = getattr(error, "filename", None)
        return f"the disk is full, {where} cannot be written" if where else "the disk is full"
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _is_full(error: BaseException | None) -> bool:
    """Return whether a full disk is the cause, however many libraries wrapped the error."""
    if error is None:
        return False
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return any(text in str(error) for text in FULL_TEXTS) or _is_full(error.__cause__)
