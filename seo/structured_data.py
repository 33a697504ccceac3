"""A movie as schema.org describes it, for search engines."""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from movies.models import Movie

# Nothing in a text may end the element that it stands in.
ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def movie_data(movie: Movie, *, url: str, image: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Movie",
        "name": movie.title,
        "url": url,
        "image": image,
        "dateCreated": str(movie.year),
        "description": movie.synopsis,
        "genre": [genre.name for genre in movie.genres.all()],
        "director": [_person(name) for name in movie.directors],
        "actor": [_person(name) for name in movie.cast],
        "duration": f"PT{movie.runtime_min}M" if movie.runtime_min else None,
        "aggregateRating": _rating(movie),
    }
    return {name: value for name, value in data.items() if value}


def _person(name: str) -> dict[str, str]:
    return {"@type": "Person", "name": name}


def _rating(movie: Movie) -> dict[str, Any] | None:
    """The freshness. Without one there is no rating: unknown is not zero."""
    if movie.freshness is None:
        return None
    return {
        "@type": "AggregateRating",
        "ratingValue": round(100 * movie.freshness),
        "bestRating": 100,
        "worstRating": 0,
        "reviewCount": movie.n_counted,
    }


def as_script(data: dict[str, Any]) -> SafeString:
    """A data block: browsers do not execute it, so the content security policy has no say."""
    written = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{written}</script>')  # noqa: S308
