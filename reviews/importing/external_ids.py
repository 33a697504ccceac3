"""The key of a review outside of this site, by which an import recognises it."""

import hashlib

from reviews.models import MovieReview, ReviewOrigin

PREFIX = "rp"


def own_key(review: MovieReview) -> str:
    """Return the key of a review written here, which is unique among sites that count from 1."""
    moment = hashlib.sha256(f"{review.pk} {review.created_at.isoformat()}".encode())
    return f"{PREFIX}-{review.pk}-{moment.hexdigest()[:12]}"


def key_of(review: MovieReview) -> str:
    """Return the key of its import, or its own; no query with ``select_related("origin")``."""
    try:
        return review.origin.key
    except ReviewOrigin.DoesNotExist:
        return own_key(review)


def own_pk(key: str) -> int | None:
    """Return the primary key in a key made by ``own_key``, else None."""
    prefix, _, rest = key.partition("-")
    number = rest.partition("-")[0]
    is_ours = prefix == PREFIX and number.isascii() and number.isdigit() and len(number) < 19
    return int(number) if is_ours else None
