import pytest
from django.urls import reverse

from movies.models import Genre, Movie
from movies.search.vocabulary import add_words

pytestmark = pytest.mark.django_db
URL = "/movies/"


def titles(client, **query):
    return [movie.title for movie in client.get(URL, query).context["movies"]]


@pytest.fixture
def three(make_movies):
    crime = Genre.objects.create(name="Crime", slug="crime")
    (heat,) = make_movies(1, title="Heat", year=1995, cast=["Al Pacino"], freshness=0.9)
    (amelie,) = make_movies(1, title="Amélie", year=2001, freshness=0.4)
    (ran,) = make_movies(1, title="Ran", year=1985)
    heat.genres.add(crime)
    Movie.objects.filter(pk=ran.pk).update(n_reviews=2, n_counted=2)
    return heat, amelie, ran


def test_list_has_the_freshest_first_and_the_unknown_last(client, three):
    assert titles(client) == ["Heat", "Amélie", "Ran"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "amelie"}, ["Amélie"]),
        ({"q": "pacino 1995"}, ["Heat"]),
        ({"q": "100%"}, []),
        ({"genre": "crime"}, ["Heat"]),
        ({"decade": "1980"}, ["Ran"]),
        ({"decade": "1990", "genre": "crime"}, ["Heat"]),
        ({"sort": "rottenest"}, ["Amélie", "Heat", "Ran"]),
        ({"sort": "reviewed"}, ["Ran", "Amélie", "Heat"]),
        ({"sort": "newest"}, ["Amélie", "Heat", "Ran"]),
        ({"sort": "title"}, ["Amélie", "Heat", "Ran"]),
    ],
)
def test_list_is_filtered_and_ordered(client, three, query, found):
    assert titles(client, **query) == found


@pytest.mark.parametrize(
    "query",
    [
        {"decade": "abc"},
        {"decade": "1995"},
        {"decade": "9" * 400},
        {"genre": "no-such"},
        {"genre": "a\0b"},
        {"sort": "nonsense"},
        {"verdict": "nonsense"},
        {"certainty": "nonsense\0"},
        {"reviews": "7"},
        {"q": "a\0b"},
        {"q": "a " * 5000},
    ],
)
def test_invalid_filter_is_ignored_with_a_message(client, three, query):
    page = client.get(URL, query)
    assert page.status_code == 200
    assert len(page.context["movies"]) == 3
    (name,) = query
    assert list(page.context["filter"].form.errors) == [name]
    assert "message--warning" in page.content.decode()


def test_search_of_a_hundred_words_works(client, three):
    assert sorted(titles(client, q="a " * 100)) == ["Amélie", "Heat", "Ran"]


def test_page_links_of_the_list_keep_the_filters(client, make_movies):
    make_movies(30, title="Fish & chips")
    page = client.get(URL, {"q": "fish & chips", "page": "2"})
    assert len(page.context["movies"]) == 6
    assert page.context["query"] == "q=fish+%26+chips"


def test_queries_of_the_list_do_not_grow_with_the_movies(client, make_movies, count_queries):
    genres = [Genre.objects.create(name=name, slug=name) for name in ("a", "b")]
    query = {"genre": "a", "q": "movie"}
    for movie in make_movies(10):
        movie.genres.set(genres)
    few = count_queries(client.get, URL, query)
    for movie in make_movies(290):
        movie.genres.set(genres)
    assert count_queries(client.get, URL, query) == few <= 6


def test_generated_poster_can_be_cached(client, movie):
    url = reverse("movies:poster", args=[movie.slug])
    poster = client.get(url)
    assert poster["Content-Type"] == "image/svg+xml"
    assert "public" in poster["Cache-Control"]
    assert client.get(url, headers={"If-None-Match": poster["ETag"]}).status_code == 304


def test_poster_of_an_unknown_movie_is_not_found(client, db):
    assert client.get("/movies/no-such/poster.svg").status_code == 404


@pytest.fixture
def rated(make_movies):
    sure = {"freshness": 0.8, "freshness_low": 0.75, "freshness_high": 0.85, "verdict": "hot"}
    vague = {"freshness": 0.4, "freshness_low": 0.2, "freshness_high": 0.6, "verdict": "rotten"}
    add_words(make_movies(1, title="Sure", year=1991, n_reviews=60, n_counted=60, **sure))
    make_movies(1, title="Vague", year=1995, n_reviews=6, n_counted=6, **vague)
    make_movies(1, title="Unknown", year=1999)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"verdict": "rotten"}, ["Vague"]),
        ({"verdict": "none"}, ["Unknown"]),
        ({"certainty": "sure"}, ["Sure"]),
        ({"reviews": "5"}, ["Sure", "Vague"]),
        ({"reviews": "50", "verdict": "rotten"}, []),
        ({"certainty": "fairly", "decade": "1990", "reviews": "20", "q": "shure"}, ["Sure"]),
        ({"sort": "divided"}, ["Vague", "Sure"]),
    ],
)
def test_filters_of_the_list_combine(client, rated, query, found):
    assert titles(client, **query) == found


def test_half_baked_movies_have_a_filter(client, rated, make_movies):
    make_movies(1, title="Undecided", verdict="mixed")
    assert titles(client, verdict="mixed") == ["Undecided"]


def test_filter_form_shows_the_selected_values(client, rated):
    page = client.get(URL, {"verdict": "rotten", "reviews": "5"}).content.decode()
    assert '<option value="rotten" selected>' in page
    assert '<option value="5" selected>' in page


def test_corrected_search_shows_a_note(client, three):
    add_words(three)
    page = client.get(URL, {"q": "haet"})
    note = page.content.decode().partition('data-testid="corrected-search"')[2]
    assert "“<bdi>haet</bdi>”" in note
    assert "“heat”" in note


def test_exact_title_comes_first_unless_sorted(client, make_movies):
    make_movies(1, title="Heat of the Sun", freshness=0.9)
    make_movies(1, title="Heat", freshness=0.1)
    assert titles(client, q="heat") == ["Heat", "Heat of the Sun"]
    assert titles(client, q="heat", sort="freshest") == ["Heat of the Sun", "Heat"]
