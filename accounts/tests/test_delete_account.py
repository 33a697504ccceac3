import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from movies.models import Movie
from reviews import freshness
from reviews.models import MovieReview
from reviews.moderation.reports import report_review

pytestmark = pytest.mark.django_db


def close(client, user, **data):
    client.force_login(user)
    data = {"password": "a-long-password-1", "reviews": "keep"} | data
    return client.post(reverse("account-delete"), data, follow=True)


def test_reviews_can_be_kept_without_a_name(client, user, movie, make_review):
    review = make_review(movie, author=user)
    close(client, user)
    review.refresh_from_db()
    assert (User.objects.count(), review.author, str(review.author_name)) == (0, None, "a guest")
    assert Movie.objects.get().n_reviews == 1


def test_reviews_can_be_withdrawn_with_the_account(client, user, make_movies, make_review):
    for movie in make_movies(2):
        make_review(movie, author=user)
        make_review(movie)
    close(client, user, reviews="withdraw")
    assert MovieReview.objects.count() == 2
    for movie in Movie.objects.all():
        assert movie.n_reviews == 1
        assert freshness.recount(movie) == {}


def test_deletion_ends_the_session(client, user):
    close(client, user)
    assert "_auth_user_id" not in client.session


def test_wrong_password_deletes_nothing(client, user):
    close(client, user, password="wrong")
    assert User.objects.filter(is_active=True).count() == 1


def test_reports_of_the_account_leave_the_queue(client, user, movie, make_review):
    only_theirs, also_others = make_review(movie), make_review(movie)
    report_review(review=only_theirs, reason="spam", reporter=user)
    report_review(review=also_others, reason="spam", reporter=user)
    report_review(review=also_others, reason="abuse")
    close(client, user)
    assert list(MovieReview.objects.reported()) == [also_others]


def test_curator_cannot_delete_their_account(client, admin_user):
    admin_user.set_password("a-long-password-1")
    admin_user.save()
    assert close(client, admin_user).status_code == 403
    assert User.objects.get().is_active
