"""Suggest movies while a visitor types."""

from typing import Any

from common.formatting import percent
from movies.models import Movie
from movies.search.query import best_first, interpret, matching

MIN_CHARS = 3  # nearly every movie contains any two letters
MAX_SUGGESTIONS = 7
FIELDS = ("title", "year", "slug", "freshness", "verdict")


def suggest(text: str) -> list[dict[str, Any]]:
    if len(text.strip()) < MIN_CHARS:
        return []
    search = interpret(text)
    movies = best_first(matching(Movie.objects.all(), search), search).only(*FIELDS)
    return [_as_dict(movie) for movie in movies[:MAX_SUGGESTIONS]]


def _as_dict(movie: Movie) -> dict[str, Any]:
    verdict = str(movie.get_verdict_display())
    return {
        "title": movie.title,
        "year": movie.year,
        "url": movie.get_absolute_url(),
        "verdict": f"{percent(movie.freshness)} {verdict}" if movie.has_verdict else "",
    }
