import io
import json
import re
import time
import xml.etree.ElementTree as ET

import pytest
from django.utils import timezone
from PIL import Image

from movies.models import Movie
from reviews.models import MovieReview
from reviews.submission import hide_review

pytestmark = pytest.mark.django_db

NASTY = '</script><script>alert("x")</script>&'


@pytest.fixture
def rated(movie) -> Movie:
    fields = {"freshness": 0.874, "verdict": "hot", "n_reviews": 9, "n_counted": 8}
    Movie.objects.filter(pk=movie.pk).update(**fields)
    return Movie.objects.get(pk=movie.pk)


@pytest.fixture
def half_baked(movie) -> Movie:
    shares = {"freshness": 0.66, "freshness_low": 0.42, "freshness_high": 0.91}
    Movie.objects.filter(pk=movie.pk).update(verdict="mixed", n_reviews=9, n_counted=8, **shares)
    return Movie.objects.get(pk=movie.pk)


@pytest.fixture
def use_time_zone(monkeypatch):
    def use(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield use
    monkeypatch.undo()
    time.tzset()


def data_block(html: str) -> dict:
    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    return json.loads(text)


def test_structured_data_describes_the_movie_and_its_rating(client, rated):
    data = data_block(client.get(rated.get_absolute_url()).content.decode())
    assert (data["@type"], data["name"]) == ("Movie", rated.title)
    assert data["aggregateRating"]["ratingValue"] == 87
    assert data["aggregateRating"]["reviewCount"] == 8


def test_structured_data_without_a_freshness_has_no_rating(client, movie):
    assert "aggregateRating" not in data_block(
        client.get(movie.get_absolute_url()).content.decode()
    )


def test_structured_data_say_that_a_movie_is_half_baked(client, half_baked):
    data = data_block(client.get(half_baked.get_absolute_url()).content.decode())
    explanation = "66% Half-Baked, most likely between 42% and 91%"
    assert data["aggregateRating"]["ratingExplanation"] == explanation


def test_title_with_markup_cannot_close_the_structured_data(client, make_movies):
    [movie] = make_movies(1, title=NASTY, synopsis=NASTY)
    html = client.get(movie.get_absolute_url()).content.decode()
    assert data_block(html)["name"] == NASTY
    assert NASTY not in html


def test_movie_page_has_a_canonical_url_and_a_share_image(client, movie):
    html = client.get(movie.get_absolute_url() + "?utm_source=x").content.decode()
    [address] = re.findall(r'<link rel="canonical" href="([^"]*)"', html)
    assert address == f"http://testserver{movie.get_absolute_url()}"
    assert f"http://testserver/movies/{movie.slug}/share.png" in html


def test_canonical_url_keeps_the_page_number_of_a_list(client, make_movies):
    make_movies(30)
    html = client.get("/movies/?sort=title&page=2").content.decode()
    assert '<link rel="canonical" href="http://testserver/movies/?page=2">' in html


def test_share_image_has_the_right_size(client, rated):
    response = client.get(f"/movies/{rated.slug}/share.png")
    image = Image.open(io.BytesIO(response.content))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert "max-age" in response["Cache-Control"]


def test_share_image_of_a_half_baked_movie_shows_its_range(client, half_baked):
    def image():
        return client.get(f"/movies/{half_baked.slug}/share.png").content

    before = image()
    Movie.objects.filter(pk=half_baked.pk).update(freshness_high=0.85)
    assert image() != before


@pytest.mark.parametrize(
    "title", ["X", "W" * 400, "many words " * 30, "七人の侍", "\x7f", "Amélie"]
)
def test_share_image_can_be_drawn_for_any_title(client, make_movies, title):
    [movie] = make_movies(1, title=title or "?")
    assert client.get(f"/movies/{movie.slug}/share.png").status_code == 200


def test_share_image_is_drawn_once_in_every_time_zone(client, rated, monkeypatch, use_time_zone):
    client.get(f"/movies/{rated.slug}/share.png")
    use_time_zone("America/New_York")
    monkeypatch.setattr("seo.views.share_png", None)
    assert client.get(f"/movies/{rated.slug}/share.png").status_code == 200


def test_badge_has_the_freshness_and_the_verdict(client, rated):
    svg = ET.fromstring(client.get(f"/movies/{rated.slug}/badge.svg").content)
    assert "87% Hot" in svg.attrib["aria-label"]


def test_badge_of_a_half_baked_movie_has_its_own_colour(client, half_baked):
    svg = client.get(f"/movies/{half_baked.slug}/badge.svg").content.decode()
    assert "66% Half-Baked" in svg
    assert [colour in svg for colour in ("#6a4588", "#ad3a0c", "#1c5f66")] == [True, False, False]


def test_badge_of_an_unknown_movie_is_not_found(client):
    assert client.get("/movies/nobody-1900/badge.svg").status_code == 404


def test_badge_escapes_the_title(client, make_movies):
    [movie] = make_movies(1, title='<a href="x">&')
    badge = ET.fromstring(client.get(f"/movies/{movie.slug}/badge.svg").content)
    assert movie.title in "".join(badge.itertext())


def test_feed_contains_only_visible_reviews(client, movie, make_review):
    make_review(movie, "Good & <b>bold</b>.")
    hide_review(review=make_review(movie, "bad spam"))
    feed = ET.fromstring(client.get("/reviews.rss").content)
    [item] = feed.findall("channel/item")
    assert item.findtext("description") == "Good & <b>bold</b>."


def test_feed_says_how_certain_a_label_is(client, movie, make_review):
    MovieReview.objects.filter(pk=make_review(movie, "Bad.").pk).update(p_positive=0.45)
    feed = ET.fromstring(client.get("/reviews.rss").content)
    assert feed.findtext("channel/item/title").endswith(": negative · not sure")


def test_feed_of_a_movie_contains_only_its_reviews(client, make_movies, make_review):
    one, other = make_movies(2)
    make_review(one), make_review(other)
    feed = ET.fromstring(client.get(f"/movies/{one.slug}/reviews.rss").content)
    [item] = feed.findall("channel/item")
    assert str(one) in item.findtext("title")


def test_feed_of_a_movie_has_its_verdict(client, half_baked):
    feed = ET.fromstring(client.get(f"/movies/{half_baked.slug}/reviews.rss").content)
    description = "66% Half-Baked, most likely between 42% and 91%"
    assert feed.findtext("channel/description") == description


def test_feed_hides_spoilers(client, movie, make_review):
    make_review(movie, "The butler did it.", has_spoilers=True)
    assert b"butler" not in client.get("/reviews.rss").content


def test_feed_needs_one_query(client, movie, make_reviews, django_assert_max_num_queries):
    make_reviews(movie, 10)
    with django_assert_max_num_queries(1):
        client.get("/reviews.rss")


def test_sitemap_lists_every_movie(client, make_movies):
    make_movies(3)
    index = client.get("/sitemap.xml").content.decode()
    assert "http://testserver/sitemap-movies.xml" in index
    addresses = re.findall(r"<loc>(.*?)</loc>", client.get("/sitemap-movies.xml").content.decode())
    assert addresses == [f"http://testserver{m.get_absolute_url()}" for m in Movie.objects.all()]


def test_every_page_of_the_sitemap_exists(client):
    addresses = re.findall(r"<loc>(.*?)</loc>", client.get("/sitemap-pages.xml").content.decode())
    assert {client.get(address).status_code for address in addresses} == {200}


def test_robots_txt_excludes_the_admin_and_names_the_sitemap(client):
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in text
    assert "Sitemap: http://testserver/sitemap.xml" in text


def test_security_txt_has_a_contact_and_a_future_expiry(client, settings):
    settings.SECURITY_CONTACT = "https://example.com/security"
    fields = dict(
        line.split(": ", 1)
        for line in client.get("/.well-known/security.txt").content.decode().splitlines()
    )
    assert fields["Contact"] == "https://example.com/security"
    assert timezone.datetime.fromisoformat(fields["Expires"]) > timezone.now()
