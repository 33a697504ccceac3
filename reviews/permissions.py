"""Who may write, and whose review it is; for pages and API."""

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticatedOrReadOnly

from movies.models import Movie
from reviews.models import MovieReview, MovieReviewQuerySet

WRITTEN = "reviews_written"  # session key: ids of the guest's reviews, newest last
MAX_REMEMBERED = 100


def may_review(user) -> bool:
    return user.is_authenticated or settings.GUEST_REVIEWS


def remember_guest(session: SessionBase, review: MovieReview) -> None:
    """Let a guest edit their review later, from the same browser."""
    written = [pk for pk in session.get(WRITTEN, []) if pk != review.pk]
    session[WRITTEN] = [*written, review.pk][-MAX_REMEMBERED:]


def written_as_guest(session: SessionBase) -> list[int]:
    return session.get(WRITTEN, [])


def wrote(request: HttpRequest, review: MovieReview) -> bool:
    """Return whether the visitor wrote the review, as this account or as this session's guest."""
    if review.author_id is not None:
        return review.author_id == request.user.pk
    return review.pk in written_as_guest(request.session)


def written_by(request: HttpRequest) -> MovieReviewQuerySet:
    """Return the reviews for which ``wrote`` is true, including hidden ones."""
    if request.user.is_authenticated:
        return MovieReview.objects.filter(author=request.user)
    return MovieReview.objects.filter(pk__in=written_as_guest(request.session), author=None)


def own_review(request: HttpRequest, movie: Movie) -> MovieReview | None:
    """Return the visitor's own review of a movie, a guest's newest."""
    mine = written_by(request).filter(movie=movie).newest_first()
    return mine.select_related("movie", "author", "release").first()


def seen_by(request: HttpRequest) -> MovieReviewQuerySet:
    """Return the visible reviews, and the visitor's own ones even if they are hidden."""
    return MovieReview.objects.visible() | written_by(request)


class MayReview(BasePermission):
    def has_permission(self, request, view) -> bool:
        return request.method in SAFE_METHODS or may_review(request.user)


class IsAuthorOrReadOnly(IsAuthenticatedOrReadOnly):
    def has_object_permission(self, request, view, review) -> bool:
        return request.method in SAFE_METHODS or review.author_id == request.user.pk
