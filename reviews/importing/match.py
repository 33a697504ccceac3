"""Find the stored reviews of a batch of rows, with a few queries per batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from reviews.importing.external_ids import own_key, own_pk
from reviews.importing.rows import ReviewRow
from reviews.models import MovieReview, ReviewOrigin


@dataclass(frozen=True, slots=True)
class Match:
    row: ReviewRow
    movie_id: int


class Matches:
    """Matches by the external key, else by account and movie, else by movie, name and text."""

    def __init__(self, matches: Sequence[Match]) -> None:
        self._matches = matches
        self._seen: set[object] = set()
        names = {match.row.author for match in matches if match.row.author}
        users = User.objects.filter(username__in=names)
        self._users = {user.get_username(): user for user in users}
        self._by_key = self._find_by_key()
        self._by_author = self._find_by_author()
        self._by_text = self._find_by_text()

    def __iter__(self) -> Iterator[Match]:
        return iter(self._matches)

    def stored(self, match: Match) -> MovieReview | None:
        row = match.row
        if review := self._by_key.get(row.key):
            return review
        if user := self._users.get(row.author):
            return self._by_author.get((match.movie_id, user.pk))
        return self._by_text.get((match.movie_id, row.guest_name, row.text))

    def is_duplicate(self, match: Match) -> bool:
        """Return whether the batch had this review before; call it once per row, in order."""
        user = self._users.get(match.row.author)
        stored = self.stored(match)
        names: set[tuple[object, ...]] = {("key", match.row.key)}
        names |= {("author", match.movie_id, user.pk)} if user else set()
        names |= {("stored", stored.pk)} if stored else set()
        is_duplicate = bool(names & self._seen)
        self._seen |= names
        return is_duplicate

    def new_review(self, match: Match) -> MovieReview:
        row, user = match.row, self._users.get(match.row.author)
        return MovieReview(
            movie_id=match.movie_id,
            author=user,
            guest_name="" if user else row.guest_name,
            text=row.text,
            has_spoilers=row.has_spoilers,
            is_hidden=row.is_hidden,
            hidden_reason=row.hidden_reason,
        )

    def _find_by_key(self) -> dict[str, MovieReview]:
        keys = [match.row.key for match in self._matches]
        origins = ReviewOrigin.objects.filter(key__in=keys).select_related("review")
        imported = {origin.key: origin.review for origin in origins}
        own_pks = [pk for key in keys if (pk := own_pk(key))]
        written_here = MovieReview.objects.filter(pk__in=own_pks)
        return {own_key(review): review for review in written_here} | imported

    def _find_by_author(self) -> dict[tuple[int, int | None], MovieReview]:
        if not self._users:
            return {}
        reviews = MovieReview.objects.filter(
            movie__in={match.movie_id for match in self._matches}, author__in=self._users.values()
        )
        return {(review.movie_id, review.author_id): review for review in reviews}

    def _find_by_text(self) -> dict[tuple[int, str, str], MovieReview]:
        """Find guests' reviews that were written here; imported ones have a key."""
        unknown = [match for match in self._matches if match.row.key not in self._by_key]
        if not unknown:
            return {}
        reviews = MovieReview.objects.filter(
            movie__in={match.movie_id for match in unknown},
            author=None,
            origin=None,
            text__in={match.row.text for match in unknown},
        )
        return {(review.movie_id, review.guest_name, review.text): review for review in reviews}
