"""What the site tells search engines, feed readers and pages that link to it."""

import io
import json
import re
import xml.etree.ElementTree as ET

import pytest
from django.utils import timezone
from PIL import Image

from movies.models import Movie
from reviews.submission import hide_review

pytestmark = pytest.mark.django_db

NASTY = '</script><script>alert("x")</script>&'


@pytest.fixture
def judged(movie) -> Movie:
    fields = {"freshness": 0.874, "verdict": "hot", "n_reviews": 9, "n_counted": 8}
    Movie.objects.filter(pk=movie.pk).update(**fields)
    return Movie.objects.get(pk=movie.pk)


def data_block(html: str) -> dict:
    [written] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    return json.loads(written)


def test_a_movie_page_describes_the_movie_and_its_rating(client, judged):
    data = data_block(client.get(judged.get_absolute_url()).content.decode())
    assert (data["@type"], data["name"]) == ("Movie", judged.title)
    assert data["aggregateRating"]["ratingValue"] == 87
    assert data["aggregateRating"]["reviewCount"] == 8


def test_a_movie_without_a_freshness_has_no_rating(client, movie):
    assert "aggregateRating" not in data_block(
        client.get(movie.get_absolute_url()).content.decode()
    )


def test_no_title_ends_the_data_block(client, make_movies):
    [movie] = make_movies(1, title=NASTY, synopsis=NASTY)
    html = client.get(movie.get_absolute_url()).content.decode()
    assert data_block(html)["name"] == NASTY
    assert NASTY not in html


def test_a_movie_page_has_one_address_and_a_picture(client, movie):
    html = client.get(movie.get_absolute_url() + "?utm_source=x").content.decode()
    [address] = re.findall(r'<link rel="canonical" href="([^"]*)"', html)
    assert address == f"http://testserver{movie.get_absolute_url()}"
    assert f"http://testserver/movies/{movie.slug}/share.png" in html


def test_the_second_page_of_a_list_is_a_page_of_its_own(client, make_movies):
    make_movies(30)
    html = client.get("/movies/?sort=title&page=2").content.decode()
    assert '<link rel="canonical" href="http://testserver/movies/?page=2">' in html


def test_the_share_image_is_a_picture_of_the_right_size(client, judged):
    response = client.get(f"/movies/{judged.slug}/share.png")
    image = Image.open(io.BytesIO(response.content))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert "max-age" in response["Cache-Control"]


@pytest.mark.parametrize(
    "title", ["X", "W" * 400, "many words " * 30, "七人の侍", "\x7f", "Amélie"]
)
def test_a_share_image_is_drawn_of_any_title(client, make_movies, title):
    [movie] = make_movies(1, title=title or "?")
    assert client.get(f"/movies/{movie.slug}/share.png").status_code == 200


def test_a_share_image_is_drawn_once(client, judged, monkeypatch):
    client.get(f"/movies/{judged.slug}/share.png")
    monkeypatch.setattr("seo.views.share_png", None)
    assert client.get(f"/movies/{judged.slug}/share.png").status_code == 200


def test_a_badge_tells_freshness_and_verdict_in_words(client, judged):
    svg = ET.fromstring(client.get(f"/movies/{judged.slug}/badge.svg").content)
    assert "87% Hot" in svg.attrib["aria-label"]


def test_a_badge_of_an_unknown_movie_is_no_page(client):
    assert client.get("/movies/nobody-1900/badge.svg").status_code == 404


def test_a_badge_escapes_its_title(client, make_movies):
    [movie] = make_movies(1, title='<a href="x">&')
    badge = ET.fromstring(client.get(f"/movies/{movie.slug}/badge.svg").content)
    assert movie.title in "".join(badge.itertext())


def test_the_feed_holds_the_newest_visible_reviews(client, movie, make_review):
    make_review(movie, "Good & <b>bold</b>.")
    hide_review(review=make_review(movie, "bad spam"))
    feed = ET.fromstring(client.get("/reviews.rss").content)
    [item] = feed.findall("channel/item")
    assert item.findtext("description") == "Good & <b>bold</b>."


def test_a_feed_of_one_movie_holds_no_other(client, make_movies, make_review):
    one, other = make_movies(2)
    make_review(one), make_review(other)
    feed = ET.fromstring(client.get(f"/movies/{one.slug}/reviews.rss").content)
    [item] = feed.findall("channel/item")
    assert str(one) in item.findtext("title")


def test_a_feed_gives_no_plot_away(client, movie, make_review):
    make_review(movie, "The butler did it.", has_spoilers=True)
    assert b"butler" not in client.get("/reviews.rss").content


def test_a_feed_runs_a_fixed_number_of_queries(
    client, movie, make_review, django_assert_max_num_queries
):
    for _ in range(10):
        make_review(movie)
    with django_assert_max_num_queries(1):
        client.get("/reviews.rss")


def test_the_sitemap_leads_to_every_movie(client, make_movies):
    make_movies(3)
    index = client.get("/sitemap.xml").content.decode()
    assert "http://testserver/sitemap-movies.xml" in index
    addresses = re.findall(r"<loc>(.*?)</loc>", client.get("/sitemap-movies.xml").content.decode())
    assert addresses == [f"http://testserver{m.get_absolute_url()}" for m in Movie.objects.all()]


def test_the_pages_of_the_sitemap_are_there(client):
    addresses = re.findall(r"<loc>(.*?)</loc>", client.get("/sitemap-pages.xml").content.decode())
    assert {client.get(address).status_code for address in addresses} == {200}


def test_an_unknown_sitemap_is_no_page(client):
    assert client.get("/sitemap-nothing.xml").status_code == 404


def test_robots_are_kept_out_of_the_admin_and_shown_the_sitemap(client):
    told = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in told
    assert "Sitemap: http://testserver/sitemap.xml" in told


def test_security_txt_names_a_contact_and_has_not_expired(client, settings):
    settings.SECURITY_CONTACT = "https://example.com/security"
    told = dict(
        line.split(": ", 1)
        for line in client.get("/.well-known/security.txt").content.decode().splitlines()
    )
    assert told["Contact"] == "https://example.com/security"
    assert timezone.datetime.fromisoformat(told["Expires"]) > timezone.now()
