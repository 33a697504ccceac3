"""Describe a movie in the terms of schema.org, for search engines."""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from movies.models import Movie
from seo.badge import verdict_and_range

# No text may close the script element.
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
    """Return the freshness as a rating, or None if it is unknown."""
    if movie.freshness is None:
        return None
    return {
        "@type": "AggregateRating",
        "ratingValue": round(100 * movie.freshness),
        "bestRating": 100,
        "worstRating": 0,
        "reviewCount": movie.n_counted,
        "ratingExplanation": verdict_and_range(movie),
    }


def as_script(data: dict[str, Any]) -> SafeString:
    """Return a data block, which no content security policy blocks: browsers do not run it."""
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308
