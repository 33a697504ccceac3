"""Home, the movie's page and the review's page."""

import re
from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.serving import champion
from movies.models import Movie
from reviews.models import MovieReview
from reviews.submission import hide_review, settle_label

pytestmark = pytest.mark.django_db

SCRIPT = '<script>alert("x")</script><img src=x onerror=alert(1)> good'


def write_many(movies, n, django_user_model):
    """Write ``n`` reviews of every movie, each by another account."""
    for movie in movies:
        authors = [
            django_user_model.objects.create(username=f"{movie.pk}-{n}-{i}") for i in range(n)
        ]
        MovieReview.objects.bulk_create(
            MovieReview(movie=movie, author=author, text="Good.") for author in authors
        )
        n_reviews = movie.reviews.count()
        share, verdict = (0.7, "hot") if movie.pk % 2 else (0.4, "rotten")
        Movie.objects.filter(pk=movie.pk).update(
            n_reviews=n_reviews, n_counted=n_reviews, freshness=share, verdict=verdict
        )


def test_home_shows_hot_and_rotten_movies_apart(client, make_movies):
    hot, rotten, undecided, _unknown = make_movies(4)
    for movie, share, verdict in (
        (hot, 0.9, "certified_hot"),
        (rotten, 0.2, "rotten"),
        (undecided, 0.95, "mixed"),
    ):
        movie.freshness, movie.verdict, movie.n_reviews, movie.n_counted = share, verdict, 9, 9
        movie.save()
    context = client.get("/").context
    assert list(context["hottest"]) == [hot]
    assert list(context["rottenest"]) == [rotten]
    assert (context["n_movies"], context["n_reviews"]) == (4, 27)


def test_home_shows_the_newest_visible_reviews(client, movie, make_review):
    first, second = make_review(movie), make_review(movie)
    hide_review(review=make_review(movie))
    assert list(client.get("/").context["newest_reviews"]) == [second, first]


def test_home_makes_a_fixed_number_of_queries(
    client, make_movies, django_user_model, count_queries
):
    write_many(make_movies(4), 5, django_user_model)
    few = count_queries(client.get, "/")
    write_many(make_movies(30), 6, django_user_model)
    assert count_queries(client.get, "/") == few <= 8


def test_movie_page_lists_visible_reviews_newest_first(client, movie, make_review):
    first, second = make_review(movie), make_review(movie)
    hide_review(review=make_review(movie))
    response = client.get(movie.get_absolute_url())
    assert list(response.context["reviews"]) == [second, first]
    assert response.context["paginator"].count == 2


@pytest.mark.parametrize(
    ("p_positive", "words"),
    [(0.45, "Negative · not sure"), (0.99, "Positive · very sure"), (0.2, "Negative · sure")],
)
def test_label_says_how_certain_it_is(client, movie, make_review, p_positive, words):
    review = make_review(movie, "Good." if p_positive > 0.5 else "Bad.")
    MovieReview.objects.filter(pk=review.pk).update(p_positive=p_positive)
    for address in (movie.get_absolute_url(), review.get_absolute_url()):
        text = strip_tags(client.get(address).content.decode())
        assert words in " ".join(text.split())


def test_label_by_a_curator_is_certain(movie, make_review):
    review = make_review(movie, "Bad.")
    settle_label(review=review, human_label="negative")
    assert MovieReview.objects.get(pk=review.pk).label_in_words == "negative"


def test_movie_page_has_20_reviews(client, movie, make_reviews):
    make_reviews(movie, 21)
    address = movie.get_absolute_url()
    assert len(client.get(address).context["reviews"]) == 20
    assert len(client.get(address, {"page": 2}).context["reviews"]) == 1


@pytest.mark.parametrize("page", ["3", "0", "abc", "-1"])
def test_invalid_page_number_is_a_404(client, movie, page):
    assert client.get(movie.get_absolute_url(), {"page": page}).status_code == 404


def test_movie_page_makes_a_fixed_number_of_queries(
    client, movie, django_user_model, count_queries
):
    write_many([movie], 10, django_user_model)
    few = count_queries(client.get, movie.get_absolute_url())
    write_many([movie], 150, django_user_model)
    assert count_queries(client.get, movie.get_absolute_url()) == few <= 11


def test_review_page_explains_the_prediction(client, movie, make_review):
    review = make_review(movie, "Good.")
    explanation = client.get(review.get_absolute_url()).context["explanation"]
    assert "".join(span.text for span in explanation.spans) == "Good."


@pytest.mark.parametrize("page", ["/", "/movies/", "/try/?example=0", "movie", "review"])
def test_visitors_meet_no_jargon_outside_the_numbers(client, movie, make_reviews, page):
    make_reviews(movie, 6)
    review = movie.reviews.first()
    addresses = {"movie": movie.get_absolute_url(), "review": review.get_absolute_url()}
    html = client.get(addresses.get(page, page)).content.decode()
    numbers = re.compile(r"<details class=\"\w+__numbers\">.*?</details>", re.DOTALL)
    text = strip_tags(numbers.sub("", html)).lower()
    jargon = ("log-odds", "calibrat", "likelihood", "n-gram", "interval", "posterior", "quantif")
    assert [word for word in jargon if word in text] == []


def test_review_page_names_the_model_of_the_marks_if_it_is_another(
    client, movie, make_review, release, fixed_scorer
):
    address = make_review(movie, "Bad.").get_absolute_url()
    notice = 'data-testid="other-model"'
    assert notice not in client.get(address).content.decode()
    newer = replace(fixed_scorer, version="newer")
    newer.predict = lambda text: Prediction(0.9, 1.0)
    with champion.override(champion.Served(newer, None)):
        page = client.get(address)
    assert notice in page.content.decode()
    assert page.context["review"].label == "negative"


def test_review_page_without_marks_names_no_other_model(
    client, movie, make_review, release, fixed_scorer
):
    address = make_review(movie, "Bad.").get_absolute_url()
    newer = replace(fixed_scorer, version="newer")
    newer.explain = None  # calling it fails
    with champion.override(champion.Served(newer, None)):
        assert 'data-testid="other-model"' not in client.get(address).content.decode()


@pytest.mark.parametrize("trouble", ["no_model", "broken_scorer"])
def test_review_page_works_without_a_model(client, movie, make_review, trouble, request):
    review = make_review(movie, "Good.")
    request.getfixturevalue(trouble)
    response = client.get(review.get_absolute_url())
    assert (response.status_code, response.context["explanation"]) == (200, None)


@pytest.mark.parametrize("review_id", ["0", "99999", "9" * 30])
def test_unknown_review_has_no_page(client, review_id):
    assert client.get(f"/reviews/{review_id}/").status_code == 404


@pytest.mark.parametrize("page", ["home", "movie", "review", "form"])
def test_html_in_a_review_is_escaped(client, movie, page):
    client.post(
        reverse("reviews:create", args=[movie.slug]), {"text": SCRIPT, "guest_name": "<b>Ana</b>"}
    )
    review = MovieReview.objects.get()
    if page == "form":
        response = client.post(
            reverse("reviews:create", args=[movie.slug]), {"text": SCRIPT, "website": "x"}
        )
    else:
        addresses = {"home": "/", "movie": movie.get_absolute_url()}
        response = client.get(addresses.get(page, review.get_absolute_url()))
    html = response.content.decode()
    assert "&lt;script&gt;" in html
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "<b>Ana" not in html
