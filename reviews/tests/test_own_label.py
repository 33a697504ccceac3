"""Authors know best whether they liked the movie: what they say becomes the review's label."""

import pytest

from reviews import freshness
from reviews.models import MovieReview
from reviews.moderation import bursts
from reviews.moderation.queue import pending_reviews
from reviews.rescoring import rescore
from reviews.submission import (
    LabelIsFinal,
    TextChanged,
    dispute_review,
    edit_review,
    hide_review,
    settle_label,
    settle_own_label,
    unhide_review,
    withdraw_review,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(movie, make_review, user):
    return make_review(movie, "Good, not.", author=user)


def stored(review):
    return MovieReview.objects.get(pk=review.pk)


def human_counts(movie):
    movie.refresh_from_db()
    assert freshness.recount(movie) == {}
    return movie.n_counted, movie.n_positive, movie.n_human_positive, movie.n_human_negative


def test_author_corrects_the_model(movie, review, user):
    settle_own_label(review=review, author_label="negative")
    changed = stored(review)
    assert (changed.label, changed.label_source, changed.settled_by) == ("negative", "author", user)
    assert changed.settled_at
    assert human_counts(movie) == (1, 0, 0, 1)


def test_confirmed_label_counts_as_certain(movie, review):
    settle_own_label(review=review, author_label="positive")
    assert human_counts(movie) == (1, 1, 1, 0)
    assert sum(movie.p_histogram) == 0


def test_author_takes_the_label_back(movie, review):
    settle_own_label(review=review, author_label="negative")
    changed = settle_own_label(review=review, author_label="")
    assert (changed.label, changed.label_source, changed.settled_at) == ("positive", "model", None)
    assert human_counts(movie) == (1, 1, 0, 0)


def test_author_changes_their_mind(movie, review):
    for label in ("negative", "positive", "negative"):
        settle_own_label(review=review, author_label=label)
    assert human_counts(movie) == (1, 0, 0, 1)


@pytest.mark.parametrize("text", ["zzz", "Good."])
def test_review_without_a_label_of_the_model_counts_by_the_author(movie, make_review, text):
    review = make_review(movie, text)
    MovieReview.objects.filter(text="Good.").update(
        model_label="unread", label="unread", p_positive=None
    )
    freshness.recount(movie, save=True)
    settle_own_label(review=review, author_label="positive")
    assert human_counts(movie) == (1, 1, 1, 0)


def test_curator_overrules_the_author_who_cannot_change_it_back(movie, review, user):
    settle_own_label(review=review, author_label="negative")
    settle_label(review=review, human_label="positive", by=user)
    with pytest.raises(LabelIsFinal):
        settle_own_label(review=review, author_label="negative")
    changed = stored(review)
    assert (changed.label, changed.label_source) == ("positive", "curator")
    assert human_counts(movie) == (1, 1, 1, 0)


def test_click_on_a_text_that_is_too_short_does_not_make_it_count(movie, make_review):
    review = make_review(movie, "zzz")
    MovieReview.objects.update(unreadable_reason="too_short")
    with pytest.raises(LabelIsFinal):
        settle_own_label(review=review, author_label="positive")
    assert human_counts(movie) == (0, 0, 0, 0)


def test_removing_the_curators_label_restores_the_authors(movie, review):
    settle_own_label(review=review, author_label="negative")
    settle_label(review=review, human_label="positive")
    changed = settle_label(review=review, human_label="")
    assert (changed.label, changed.label_source) == ("negative", "author")


def test_curator_removes_the_authors_label(review):
    settle_own_label(review=review, author_label="negative")
    changed = settle_label(review=stored(review), human_label="")
    assert (changed.label_source, changed.author_label) == ("model", "")


def test_rescoring_keeps_the_authors_label(movie, review, release, fixed_scorer):
    settle_own_label(review=review, author_label="negative")
    run = rescore.open_run(release)
    [batch] = rescore.batches(run, 10)
    rescore.store_batch(run, batch, fixed_scorer.predict_many([each.text for each in batch]))
    assert stored(review).release == release
    assert stored(review).label == "negative"
    assert human_counts(movie) == (1, 0, 0, 1)


def test_rewritten_text_loses_the_authors_label(movie, review):
    settle_own_label(review=review, author_label="negative")
    edited = edit_review(review=stored(review), text="Good indeed.")
    assert (edited.label_source, edited.author_label) == ("model", "")
    assert human_counts(movie) == (1, 1, 0, 0)


def test_answer_about_a_text_that_has_changed_is_not_stored(review):
    edit_review(review=stored(review), text="Bad.")
    with pytest.raises(TextChanged):
        settle_own_label(review=review, author_label="positive")
    assert stored(review).author_label == ""


def test_hidden_and_withdrawn_reviews_do_not_count(movie, review):
    settle_own_label(review=review, author_label="positive")
    hide_review(review=review)
    assert human_counts(movie) == (0, 0, 0, 0)
    unhide_review(review=review)
    assert human_counts(movie) == (1, 1, 1, 0)
    withdraw_review(review=review)
    assert human_counts(movie) == (0, 0, 0, 0)


def test_answer_closes_the_dispute_and_leaves_the_queue(review):
    dispute_review(review=review)
    settle_own_label(review=review, author_label="negative")
    assert not pending_reviews("disputed")


def test_authors_label_does_not_free_a_review_from_a_burst(movie, make_review, settings, user):
    settings.BURST_REVIEWS = 4
    for _ in range(3):
        settle_own_label(review=make_review(movie, "Good."), author_label="positive")
    make_review(movie, "Good.")
    assert human_counts(movie) == (0, 0, 0, 0)
    settle_own_label(review=movie.reviews.first(), author_label="positive")
    assert human_counts(movie) == (0, 0, 0, 0)
    bursts.decide(burst=movie.bursts.get(), decision="count", by=user)
    assert human_counts(movie) == (4, 4, 4, 0)


def test_history_records_whose_label_it_is(review):
    settle_own_label(review=review, author_label="negative")
    settle_label(review=review, human_label="positive")
    rows = review.history.values_list("label", "author_label", "is_settled_by_author")
    assert list(rows) == [
        ("positive", "negative", False),
        ("negative", "negative", True),
        ("positive", "", False),
    ]


def test_each_answer_that_changes_something_emits_an_event(review, logged):
    for label in ("positive", "positive", ""):
        settle_own_label(review=review, author_label=label)
    events = logged("LABEL_CORRECTED")
    assert [(event["label_after"], event["label_source"]) for event in events] == [
        ("positive", "author"),
        ("positive", "model"),
    ]


def test_label_that_the_version_before_has_overruled_is_a_curators(review):
    settle_own_label(review=review, author_label="negative")
    MovieReview.objects.update(human_label="positive", label="positive")
    assert stored(review).label_source == "curator"
