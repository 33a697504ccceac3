"""Texts that could not be stored yet, kept in the session until their author has signed in."""

from typing import cast

from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from common.throttling import CountingThrottle
from movies.models import Movie
from reviews.forms import ReviewForm, author_key
from reviews.models import MovieReview
from reviews.permissions import wrote
from reviews.submission import AlreadyReviewed, edit_review, submit_review

DRAFT = "review_draft"  # session key
FIELDS = ("text", "has_spoilers")


def keep_draft(session: SessionBase, form: ReviewForm, **about: int) -> dict:
    """Keep the text of a form; ``about`` is the movie or the review that it is for."""
    draft = {name: form[name].value() for name in FIELDS}
    draft |= {"author": form["written_as"].value() or "", **about}
    session[DRAFT] = draft
    return draft


def draft_about(session: SessionBase, **about: int) -> dict:
    draft = session.get(DRAFT, {})
    return draft if about.items() <= draft.items() else {}


def store_draft(request: HttpRequest) -> MovieReview | None:
    """Store what this account wrote before its session ended, now that it has signed in again.

    A text that was written as a guest, or that cannot be stored, stays in the form.
    """
    draft = request.session.get(DRAFT, {})
    form = ReviewForm({name: draft.get(name) for name in FIELDS}, is_guest=False)
    is_own = bool(draft) and draft.get("author") == author_key(request.user)
    if not is_own or not form.is_valid() or not CountingThrottle().admits(request, "reviews"):
        return None
    changes = {name: form.cleaned_data[name] for name in FIELDS}
    stored = (
        _submit(request, draft, changes) if "movie" in draft else _edit(request, draft, changes)
    )
    if stored:
        del request.session[DRAFT]
    return stored


def _submit(request: HttpRequest, draft: dict, changes: dict) -> MovieReview | None:
    try:
        movie = Movie.objects.get(pk=draft["movie"])
        return submit_review(movie=movie, author=cast(User, request.user), **changes)
    except (Movie.DoesNotExist, AlreadyReviewed):
        return None


def _edit(request: HttpRequest, draft: dict, changes: dict) -> MovieReview | None:
    review = MovieReview.objects.filter(pk=draft["review"]).first()
    if not review or not wrote(request, review):
        return None
    try:
        return edit_review(review=review, **changes)
    except MovieReview.DoesNotExist:
        return None
