"""Which picture a movie shows: the poster of an allowed host, or a drawn one."""

import os
import sys

import pytest
from django.conf import settings as configured

from movies.models import Movie
from tests.support import run

WIKIMEDIA = "https://upload.wikimedia.org/a.jpg"


def shown(poster_url: str) -> str:
    return Movie(title="Alien", slug="alien-1979", year=1979, poster_url=poster_url).poster


def test_poster_of_an_allowed_host_is_shown():
    assert shown(WIKIMEDIA) == WIKIMEDIA


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://upload.wikimedia.org/a.jpg",
        "https://upload.wikimedia.org.example/a.jpg",
        "https://upload.wikimedia.org:8443/a.jpg",
        "https://upload.wikimedia.org@example.com/a.jpg",
        "https://[",
    ],
)
def test_poster_that_the_policy_blocks_is_drawn(address):
    assert shown(address) == "/movies/alien-1979/poster.svg"


@pytest.mark.parametrize(
    ("hosts", "address", "is_shown"),
    [
        (["*.example.com"], "https://a.b.example.com/x.jpg", True),
        (["*.example.com"], "https://example.com/x.jpg", False),
        (["https:"], "https://example.com/x.jpg", True),
        ([], WIKIMEDIA, False),
        (["Posters.Example.com"], "https://posters.example.COM:443/x.jpg", True),
    ],
)
def test_hosts_of_posters_are_a_setting(settings, hosts, address, is_shown):
    settings.POSTER_HOSTS = hosts
    assert (shown(address) == address) is is_shown


def policy(hosts: str) -> str:
    code = "from rottenpotatoes import settings as s; print(s.CONTENT_SECURITY_POLICY)"
    env = os.environ | {"POSTER_HOSTS": hosts, "DOTENV": os.devnull, "DEBUG": "true"}
    return run(sys.executable, "-c", code, cwd=configured.BASE_DIR, env=env, check=False).stdout


def test_policy_allows_images_of_the_poster_hosts():
    assert "'https://a.example', 'https://*.b.example']" in policy("a.example,*.b.example")


@pytest.mark.parametrize("hosts", ["a.example; script-src *", "https://a.example/x", "*", "'self'"])
def test_poster_hosts_cannot_widen_the_policy(hosts):
    assert policy(hosts) == ""


@pytest.mark.django_db
def test_policy_of_a_page_names_the_poster_hosts(client):
    [directive] = [
        part
        for part in client.get("/freshness/").headers["Content-Security-Policy"].split("; ")
        if part.startswith("img-src")
    ]
    assert directive == "img-src 'self' data: https://upload.wikimedia.org"


@pytest.mark.django_db
def test_page_keeps_the_drawn_poster_for_browsers_without_javascript(client, make_movies):
    [movie] = make_movies(1, poster_url=WIKIMEDIA)
    html = client.get(movie.get_absolute_url()).content.decode()
    assert f'<noscript><img src="{movie.drawn_poster}"' in html
    assert f'data-drawn="{movie.drawn_poster}"' in html


@pytest.mark.django_db
def test_api_gives_the_address_of_the_shown_poster(api, make_movies):
    [movie] = make_movies(1, poster_url="https://elsewhere.example/a.jpg")
    body = api.get(f"/api/v1/movies/{movie.pk}/").json()
    assert (body["poster_url"], body["poster"]) == (movie.poster_url, movie.drawn_poster)
