import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from reviews import freshness
from reviews.models import MovieReview
from reviews.submission import hide_review

pytestmark = pytest.mark.django_db

LIST = reverse("admin:reviews_moviereview_changelist")


def change_address(review):
    return reverse("admin:reviews_moviereview_change", args=[review.pk])


def act(admin_client, action, reviews, **data):
    ids = [review.pk for review in reviews]
    return admin_client.post(LIST, {"action": action, "_selected_action": ids, **data})


def test_corrected_label_updates_the_freshness(admin_client, movie, make_review):
    review, *_others = [make_review(movie, "Good.") for _ in range(5)]
    before = movie.freshness
    admin_client.post(change_address(review), {"human_label": "negative"})
    movie.refresh_from_db()
    review.refresh_from_db()
    assert (review.label, review.model_label) == ("negative", "positive")
    assert (movie.n_positive, movie.n_human_negative) == (4, 1)
    assert movie.freshness < before


def test_label_and_hiding_change_together(admin_client, movie, make_review):
    review = make_review(movie, "Good.")
    data = {"human_label": "negative", "is_hidden": "on"}
    admin_client.post(change_address(review), data)
    review.refresh_from_db()
    movie.refresh_from_db()
    assert (review.human_label, review.is_hidden) == ("negative", True)
    assert freshness.recount(movie) == {}


def test_text_cannot_be_changed_in_the_admin(admin_client, movie, make_review):
    review = make_review(movie, "Good.")
    admin_client.post(change_address(review), {"human_label": "", "text": "Bad.", "label": "x"})
    review.refresh_from_db()
    assert (review.text, review.label) == ("Good.", "positive")


def test_actions_hide_and_show_many_reviews(admin_client, make_movies, make_review):
    movies = make_movies(2)
    reviews = [make_review(movie, "Good.") for movie in movies for _ in range(2)]
    act(admin_client, "hide", reviews)
    assert [freshness.lock_movie(movie.pk).n_reviews for movie in movies] == [0, 0]
    act(admin_client, "unhide", reviews)
    assert [freshness.lock_movie(movie.pk).n_positive for movie in movies] == [2, 2]


def test_hiding_is_recorded_with_the_curator(admin_client, admin_user, movie, make_review):
    act(admin_client, "hide", [make_review(movie)])
    assert LogEntry.objects.get().user == admin_user


def test_deleted_review_is_not_counted(admin_client, movie, make_review):
    review, _other = make_review(movie, "Good."), make_review(movie, "Good.")
    address = reverse("admin:reviews_moviereview_delete", args=[review.pk])
    admin_client.post(address, {"post": "yes"})
    movie.refresh_from_db()
    assert (MovieReview.objects.count(), movie.n_reviews) == (1, 1)


def test_many_deleted_reviews_are_not_counted(admin_client, movie, make_review):
    reviews = [make_review(movie, "Good.") for _ in range(3)]
    act(admin_client, "delete_selected", reviews[:2], post="yes")
    movie.refresh_from_db()
    assert (MovieReview.objects.count(), movie.n_reviews) == (1, 1)


@pytest.mark.parametrize(
    "query",
    [
        {"q": "wonderful"},
        {"q": "film 1"},
        {"label__exact": "negative"},
        {"human_label__exact": "positive"},
        {"is_hidden__exact": "1"},
        {"o": "3"},
    ],
)
def test_reviews_are_searched_filtered_and_sorted(admin_client, movie, make_review, query):
    make_review(movie, "Good.")
    assert admin_client.get(LIST, query).status_code == 200


def test_sorting_by_confidence_puts_the_least_certain_review_first(
    admin_client, movie, make_review
):
    sure, unsure = make_review(movie, "Good."), make_review(movie, "Good.")
    MovieReview.objects.filter(pk=unsure.pk).update(p_positive=0.52)
    column = 3
    page = admin_client.get(LIST, {"o": str(column)})
    assert list(page.context["cl"].result_list) == [unsure, sure]
    assert "52%" in page.content.decode()


def test_list_makes_a_fixed_number_of_queries(
    admin_client, make_movies, make_review, count_queries
):
    make_review(make_movies(1)[0])
    few = count_queries(admin_client.get, LIST)
    for movie in make_movies(20):
        make_review(movie)
    assert count_queries(admin_client.get, LIST) == few <= 15


def test_list_shows_author_date_and_whether_a_review_is_hidden(admin_client, movie, make_review):
    review = make_review(movie, "Good.")
    hide_review(review=review)
    page = admin_client.get(LIST).content.decode()
    assert f"<bdi>{review.guest_name}</bdi>" in page
    assert "· hidden" in page


def test_list_links_the_decision_on_each_review(admin_client, movie, make_review):
    review = make_review(movie, "Good.")
    queue = reverse("admin:reviews_moviereview_queue")
    assert f'href="{queue}?review={review.pk}"' in admin_client.get(LIST).content.decode()
