"""The search keys and slugs of movies."""

import unicodedata
from collections.abc import Callable

from django.utils.text import slugify

# Letters that Unicode does not decompose.
_PLAIN = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ß": "ss", "·": " "})


def plain(text: str) -> str:
    """Return the text in lower case without accents: «Amélie» and «amelie» are the same word."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def search_key(*parts: str) -> str:
    """Return the words in which search looks for a name."""
    return " ".join(" ".join(plain(part).split()) for part in parts if part)


def unique_slug(title: str, year: int, *, taken: Callable[[str], bool]) -> str:
    """Return a slug such as "heat-1995", with a number if that is taken."""
    base = f"{slugify(plain(title))[:100] or 'movie'}-{year}"
    slug, n = base, 2
    while taken(slug):
        slug, n = f"{base}-{n}", n + 1
    return slug
