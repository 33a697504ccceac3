"""Several reviews of one movie by a guest in one browser count once."""

import pytest
from django.test import Client
from django.urls import reverse

from reviews import freshness
from reviews.claim_guest_reviews import claim_reviews
from reviews.models import MovieReview
from reviews.rescoring import rescore
from reviews.submission import hide_review, settle_own_label, withdraw_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(movie):
    def write(client, *texts):
        address = reverse("reviews:create", args=[movie.slug])
        for text in texts:
            client.post(address, {"text": text})
        return list(MovieReview.objects.order_by("pk"))

    return write


def counted(movie):
    movie.refresh_from_db()
    assert freshness.recount(movie) == {}
    assert movie.n_counted == movie.reviews.counted().count()
    return movie.n_reviews, movie.n_counted, movie.n_positive


def test_second_review_from_a_browser_is_shown_and_not_counted(client, movie, write):
    first, second = write(client, "Good.", "Good, I say again.")
    assert second.repeat_of == first
    assert counted(movie) == (2, 1, 1)


def test_reviews_from_other_browsers_and_of_other_movies_count(client, movie, write, make_movies):
    write(client, "Good.")
    write(Client(), "Good, too.")
    other = make_movies(1)[0]
    client.post(reverse("reviews:create", args=[other.slug]), {"text": "Good."})
    assert counted(movie) == (2, 2, 2)
    assert counted(other) == (1, 1, 1)


def test_guest_is_informed_while_writing_and_afterwards(client, movie, write):
    [first] = write(client, "Good.")
    form = client.get(reverse("reviews:create", args=[movie.slug])).content.decode()
    assert "count once" in form
    _first, second = write(client, "Good, I say again.")
    page = client.get(second.get_absolute_url()).content.decode()
    assert 'data-testid="repeat"' in page
    assert f'href="{first.get_absolute_url()}"' in page


def test_visitors_see_that_it_is_not_counted(client, movie, write):
    _first, second = write(client, "Good.", "Good, I say again.")
    for address in (movie.get_absolute_url(), second.get_absolute_url()):
        assert "Not counted" in Client().get(address).content.decode()
    listed = Client().get(f"{movie.get_absolute_url()}?label=uncounted")
    assert list(listed.context["reviews"]) == [second]
    positive = Client().get(f"{movie.get_absolute_url()}?label=positive")
    assert len(positive.context["reviews"]) == 1


def test_next_review_counts_when_the_counted_one_is_withdrawn(client, movie, write):
    first, _second, third = write(client, "Good.", "zzz", "Bad.")
    withdraw_review(review=first)
    assert counted(movie) == (2, 1, 0)
    assert MovieReview.objects.get(repeat_of=None) == third


def test_review_counts_if_the_earlier_one_could_not(client, movie, write):
    first, second = write(client, "zzz", "Good.")
    assert counted(movie) == (2, 1, 1)
    settle_own_label(review=first, author_label="positive")
    assert counted(movie) == (2, 1, 1)
    first.refresh_from_db()
    assert first.repeat_of == second


def test_review_counts_after_the_earlier_one_was_hidden(client, movie, write):
    [first] = write(client, "Good.")
    hide_review(review=first)
    write(client, "Bad.")
    assert counted(movie) == (1, 1, 0)


def test_review_that_is_claimed_counts(client, movie, write, user):
    ids = [review.pk for review in write(client, "Good.", "Bad.")]
    assert claim_reviews(ids=ids, author=user) == 1
    assert counted(movie) == (2, 1, 0)
    assert MovieReview.objects.counted().get().author == user


def test_rescoring_keeps_repeats_uncounted(client, movie, write, release, fixed_scorer):
    write(client, "Good.", "Bad.")
    MovieReview.objects.update(release=None)
    run = rescore.open_run(release)
    [batch] = rescore.batches(run, 10)
    rescore.store_batch(run, batch, fixed_scorer.predict_many([each.text for each in batch]))
    assert MovieReview.objects.filter(release=release).count() == 2
    assert counted(movie) == (2, 1, 1)
