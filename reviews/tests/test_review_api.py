import pytest

from reviews.models import MovieReview
from reviews.submission import hide_review, settle_label

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(movie):
    return f"/api/v1/movies/{movie.pk}/reviews/"


def test_posted_review_is_returned_with_its_label(api, address, movie, release):
    response = api.post(address, {"text": " A good film.\r\n", "guest_name": "Ana"})
    review = MovieReview.objects.get()
    assert response.status_code == 201
    assert response.data == {
        "id": review.pk,
        "movie": movie.pk,
        "author": "Ana",
        "author_has_account": False,
        "text": "A good film.",
        "has_spoilers": False,
        "label": "positive",
        "human_label": "",
        "label_source": "model",
        "p_positive": 0.9,
        "confidence": 0.9,
        "reason": None,
        "language": None,
        "model_version": "test-1",
        "created_at": response.data["created_at"],
        "updated_at": response.data["updated_at"],
    }


@pytest.mark.parametrize("trouble", ["no_model", "broken_scorer"])
def test_review_posted_without_a_working_model_is_unread(api, address, trouble, request):
    request.getfixturevalue(trouble)
    data = api.post(address, {"text": "A good film."}).data
    assert (data["label"], data["confidence"], data["model_version"]) == ("unread", None, None)
    assert MovieReview.objects.get().text == "A good film."


def test_reviews_are_listed_newest_first_in_pages(api, address, movie, make_review):
    made = [make_review(movie, f"Good {i}.").pk for i in range(3)]
    data = api.get(address, {"page_size": 2}).data
    assert [review["id"] for review in data["results"]] == [made[2], made[1]]
    assert data["count"] == 3
    assert "page=2" in data["next"]


def test_page_has_at_most_100_reviews(api, address, movie):
    MovieReview.objects.bulk_create(MovieReview(movie=movie, text="Good.") for _ in range(101))
    assert len(api.get(address, {"page_size": 1000}).data["results"]) == 100


def test_reviews_are_filtered_by_label(api, address, movie, make_review):
    make_review(movie, "Good.")
    bad = make_review(movie, "Bad.")
    data = api.get(address, {"label": "negative"}).data
    assert [review["id"] for review in data["results"]] == [bad.pk]


def test_only_visible_reviews_of_the_movie_are_listed(
    api, address, movie, make_movies, make_review
):
    make_review(make_movies(1)[0])
    hide_review(review=make_review(movie))
    assert api.get(address).data["results"] == []


def test_list_makes_a_fixed_number_of_queries(
    api, address, movie, django_user_model, django_assert_num_queries
):
    for n in (3, 60):
        authors = [django_user_model.objects.create(username=f"u{n}-{i}") for i in range(n)]
        MovieReview.objects.bulk_create(
            MovieReview(movie=movie, author=author, text="Good.") for author in authors
        )
        with django_assert_num_queries(3):
            api.get(address, {"page_size": 50})


def test_review_is_returned_by_its_id(api, movie, make_review):
    review = make_review(movie, "Bad.")
    data = api.get(f"/api/v1/reviews/{review.pk}/").data
    assert (data["id"], data["label"], data["confidence"]) == (review.pk, "negative", 0.9)


def test_human_label_is_returned(api, movie, make_review):
    review = settle_label(review=make_review(movie, "Bad."), human_label="positive")
    data = api.get(f"/api/v1/reviews/{review.pk}/").data
    assert (data["label"], data["human_label"]) == ("positive", "positive")


def test_hidden_review_is_a_404(api, movie, make_review):
    review = hide_review(review=make_review(movie))
    assert api.get(f"/api/v1/reviews/{review.pk}/").status_code == 404


def test_second_review_by_an_account_is_a_conflict(user_api, address):
    assert user_api.post(address, {"text": "A good film."}).status_code == 201
    response = user_api.post(address, {"text": "A better film."})
    assert response.status_code == 409
    assert response.data["error"]["code"] == "already_reviewed"


def test_text_edited_by_its_author_is_scored_again(user_api, movie, make_review, user):
    review = make_review(movie, "Good.", author=user)
    response = user_api.patch(f"/api/v1/reviews/{review.pk}/", {"text": "Bad."})
    movie.refresh_from_db()
    assert (response.status_code, response.data["label"]) == (200, "negative")
    assert movie.n_positive == 0


def test_edit_changes_only_the_text(user_api, movie, make_review, user):
    review = make_review(movie, "Good.", author=user)
    claims = {"label": "negative", "human_label": "negative", "movie": 999, "is_hidden": True}
    data = user_api.patch(f"/api/v1/reviews/{review.pk}/", claims).data
    assert (data["label"], data["human_label"], data["movie"]) == ("positive", "", movie.pk)


def test_author_withdraws_a_review(user_api, movie, make_review, user):
    review = make_review(movie, "Good.", author=user)
    assert user_api.delete(f"/api/v1/reviews/{review.pk}/").status_code == 204
    movie.refresh_from_db()
    assert movie.n_reviews == 0


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_others_cannot_change_a_review(api, movie, make_review, user, django_user_model, method):
    review = make_review(movie, "Good.", author=user)
    address = f"/api/v1/reviews/{review.pk}/"
    assert getattr(api, method)(address, {"text": "Bad."}).status_code == 401
    api.force_authenticate(django_user_model.objects.create_user("eve"))
    assert getattr(api, method)(address, {"text": "Bad."}).status_code == 403
    assert MovieReview.objects.get().text == "Good."


def test_review_of_a_guest_cannot_be_changed(user_api, movie, make_review):
    review = make_review(movie, "Good.")
    assert user_api.delete(f"/api/v1/reviews/{review.pk}/").status_code == 403


def test_guest_gets_a_401_if_guest_reviews_are_off(api, address, settings):
    settings.GUEST_REVIEWS = False
    assert api.post(address, {"text": "A good film."}).status_code == 401
    assert api.get(address).status_code == 200


def test_write_over_the_limit_is_a_429_with_retry_after(api, address, set_rate):
    set_rate("reviews", "1/min")
    api.post(address, {"text": "The first."})
    response = api.post(address, {"text": "The second."})
    assert response.status_code == 429
    assert response.data["error"]["code"] == "throttled"
    assert 0 < int(response["Retry-After"]) <= 60


def test_get_requests_are_not_limited(api, address, set_rate):
    set_rate("reviews", "1/min")
    assert {api.get(address).status_code for _ in range(3)} == {200}
