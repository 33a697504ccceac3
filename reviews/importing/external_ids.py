"""By what a review is known outside of this site, so that an import finds it again."""

import hashlib

from reviews.models import MovieReview, ReviewOrigin

PREFIX = "rp"


def own_key(review: MovieReview) -> str:
    """Names a review that was written here. Not the number alone: other sites count from 1, too."""
    moment = hashlib.sha256(f"{review.pk} {review.created_at.isoformat()}".encode())
    return f"{PREFIX}-{review.pk}-{moment.hexdigest()[:12]}"


def key_of(review: MovieReview) -> str:
    """The one it came with, or its own. Costs no query with ``select_related('origin')``."""
    try:
        return review.origin.key
    except ReviewOrigin.DoesNotExist:
        return own_key(review)


def own_pk(key: str) -> int | None:
    """The number in a key that a site like this one has given."""
    prefix, _, rest = key.partition("-")
    number = rest.partition("-")[0]
    is_ours = prefix == PREFIX and number.isascii() and number.isdigit() and len(number) < 19
    return int(number) if is_ours else None
