from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DatabaseError

from mlmodel.error_summary import summarize
from mlmodel.sentiment.errors import SentimentError


@contextmanager
def summarize_errors() -> Iterator[None]:
    """Raise expected errors as a ``CommandError`` of one sentence."""
    try:
        yield
    except (SentimentError, OSError, DatabaseError) as error:
        raise CommandError(summarize(error)) from error
