"""Signal receivers that keep the search index and the vocabulary complete."""

import sys
from typing import Any

from movies.models import Movie
from movies.search.build import build_index
from movies.search.vocabulary import add_words


def create_search_index(using: str, verbosity: int, **kwargs: Any) -> None:
    out = kwargs.get("stdout") or sys.stdout
    build_index(using, report=lambda text: out.write(f"{text}\n") if verbosity else None)


def add_to_vocabulary(instance: Movie, raw: bool, update_fields: Any, **kwargs: Any) -> None:
    """Add the words of a saved movie; code that writes movies in bulk calls ``add_words``."""
    if not raw and (update_fields is None or "search_key" in update_fields):
        add_words([instance])
