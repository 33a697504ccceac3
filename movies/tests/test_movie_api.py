import pytest

from movies.models import Genre, Movie, Verdict

pytestmark = pytest.mark.django_db
URL = "/api/v1/movies/"


@pytest.fixture
def rated(movie):
    Movie.objects.filter(pk=movie.pk).update(
        n_reviews=100,
        n_counted=97,
        n_positive=81,
        freshness=0.83,
        freshness_low=0.75,
        freshness_high=0.89,
        verdict=Verdict.CERTIFIED_HOT,
    )
    return movie


def test_score_has_the_freshness_with_its_interval(api, rated):
    assert api.get(f"{URL}{rated.pk}/score/").json() == {
        "movie": rated.pk,
        "freshness": 0.83,
        "low": 0.75,
        "high": 0.89,
        "positive": 81,
        "counted": 97,
        "verdict": "certified_hot",
    }


def test_half_baked_movie_is_mixed_in_the_api(api, make_movies):
    make_movies(1, verdict=Verdict.MIXED), make_movies(1, verdict=Verdict.HOT)
    [found] = api.get(URL, {"verdict": "mixed"}).json()["results"]
    assert found["verdict"] == "mixed"


def test_score_without_a_verdict_has_no_freshness(api, movie):
    assert api.get(f"{URL}{movie.pk}/score/").json() == {
        "movie": movie.pk,
        "freshness": None,
        "low": None,
        "high": None,
        "positive": 0,
        "counted": 0,
        "verdict": "none",
    }


def test_movie_has_its_fields_and_its_score(api, rated):
    rated.genres.add(Genre.objects.create(name="Crime", slug="crime"))
    body = api.get(f"{URL}{rated.pk}/").json()
    assert (body["id"], body["genres"], body["freshness"]) == (rated.pk, ["crime"], 0.83)
    assert body["page"] == f"/movies/{rated.slug}/"


def test_movie_list_of_the_api_is_paginated_and_filtered(api, make_movies):
    make_movies(30, cast=["Setsuko Hara"], year=1951)
    make_movies(5, year=1951)
    body = api.get(URL, {"q": "setsuko", "decade": "1950", "page": 2}).json()
    assert (body["count"], len(body["results"])) == (30, 10)


def test_movie_list_of_the_api_is_ordered(api, make_movies):
    make_movies(1, title="Old", year=1950)
    make_movies(1, title="New", year=2020)
    assert [movie["title"] for movie in api.get(URL, {"sort": "newest"}).json()["results"]] == [
        "New",
        "Old",
    ]


@pytest.mark.parametrize(
    "query",
    [
        {"decade": "abc"},
        {"genre": "no-such"},
        {"genre": "a\0b"},
        {"sort": "nonsense"},
        {"q": "a\0b"},
        {"q": "a" * 201},
    ],
)
def test_invalid_filter_is_rejected_by_name(api, movie, query):
    response = api.get(URL, query)
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == list(query)


@pytest.mark.parametrize("rest", ["", "score/"])
@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30, "abc", "-1", "1.5", "%00"])
def test_unknown_movie_of_the_api_is_not_found(api, movie, pk, rest):
    response = api.get(f"{URL}{pk}/{rest}")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_movies_of_the_api_are_read_only(user_api, movie, method):
    assert getattr(user_api, method)(f"{URL}{movie.pk}/", {}).status_code == 405


def test_queries_of_the_api_do_not_grow_with_the_movies(api, make_movies, count_queries):
    genre = Genre.objects.create(name="Crime", slug="crime")
    (first, *_rest) = movies = make_movies(10)
    genre.movies.add(*movies)
    urls = [URL, f"{URL}?genre=crime", f"{URL}{first.pk}/score/"]
    few = [count_queries(api.get, url) for url in urls]
    genre.movies.add(*make_movies(290))
    assert [count_queries(api.get, url) for url in urls] == few == [3, 4, 1]
