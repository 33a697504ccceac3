"""A few films while somebody types."""

from typing import Any

from movies.models import Movie
from movies.search.query import understand
from movies.templatetags.freshness import percent

MIN_CHARS = 3  # two letters are in nearly every film
MAX_SUGGESTIONS = 7
NEEDED = ("title", "year", "slug", "freshness", "verdict")


def suggest(text: str) -> list[dict[str, Any]]:
    if len(text.strip()) < MIN_CHARS:
        return []
    search = understand(text)
    films = Movie.objects.matching(search).best_first(search).only(*NEEDED)
    return [_as_dict(movie) for movie in films[:MAX_SUGGESTIONS]]


def _as_dict(movie: Movie) -> dict[str, Any]:
    verdict = str(movie.get_verdict_display())
    return {
        "title": movie.title,
        "year": movie.year,
        "url": movie.get_absolute_url(),
        "verdict": f"{percent(movie.freshness)} {verdict}" if movie.has_verdict else "",
    }
