"""After any sequence of changes, a recount finds no drift."""

from contextlib import suppress

from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from mlmodel.serving import champion
from movies.models import Movie
from reviews import freshness, submission
from reviews.models import MovieReview
from reviews.moderation import bursts

texts = st.sampled_from(["Good.", "Bad.", "zzz", "Very good."])
operations = st.one_of(
    st.tuples(st.just("submit"), texts),
    st.tuples(st.just("submit in one browser"), texts),
    st.tuples(st.just("edit"), texts),
    st.tuples(st.just("settle"), st.sampled_from(["positive", "negative", ""])),
    st.tuples(st.just("settle own"), st.sampled_from(["positive", "negative", ""])),
    st.tuples(st.just("decide"), st.sampled_from(["count", "hide"])),
    st.tuples(st.sampled_from(["withdraw", "hide", "unhide", "submit unread"]), st.none()),
)


def perform(movie: Movie, operation: str, argument: str | None, which: int) -> None:
    if operation == "submit":
        submission.submit_review(movie=movie, text=argument, guest_name=str(which))
        return
    if operation == "submit in one browser":
        written = list(movie.reviews.filter(guest_name="B").values_list("pk", flat=True))
        submission.submit_review(
            movie=movie, text=f"{argument} {which}", guest_name="B", written=written
        )
        return
    if operation == "submit unread":
        with champion.override(champion.Served(None, None)):  # no scorer to ask
            submission.submit_review(movie=movie, text="Good.", guest_name=str(which))
        return
    if operation == "decide":
        for burst in movie.bursts.filter(decided_at=None):
            bursts.decide(burst=burst, decision=argument, by=None)
        return
    reviews = list(MovieReview.objects.order_by("pk"))
    if not reviews:
        return
    review = reviews[which % len(reviews)]
    if operation == "edit":
        submission.edit_review(review=review, text=argument)
    elif operation == "settle":
        submission.settle_label(review=review, human_label=argument)
    elif operation == "settle own":
        with suppress(submission.LabelIsFinal):
            submission.settle_own_label(review=review, author_label=argument)
    else:
        getattr(submission, f"{operation}_review")(review=review)


class CountsNeverDrift(TestCase):
    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(operations, st.integers(0, 50)), max_size=25))
    def test_counts_never_drift(self, steps):
        movie = Movie.objects.create(title="A film", year=1999)
        with override_settings(BURST_REVIEWS=4):
            for (operation, argument), which in steps:
                perform(movie, operation, argument, which)
        movie.refresh_from_db()
        assert freshness.recount(movie) == {}
        assert movie.n_reviews == MovieReview.objects.visible().count()
        assert movie.n_counted == MovieReview.objects.counted().count()
