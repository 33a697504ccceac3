"""manage.py fetch_posters, with a server on this machine in place of other hosts."""

import io
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from common.locks import exclusive
from movies.models import Movie
from movies.posters import public_network
from movies.posters.download import BusyError, Downloader, DownloadError, GoneError
from movies.posters.pictures import PictureError, shrink
from movies.posters.public_network import is_public

pytestmark = pytest.mark.django_db


def picture(width: int = 1200, height: int = 1800, kind: str = "JPEG", **options) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "#a33").save(buffer, kind, **options)
    return buffer.getvalue()


@dataclass
class Host:
    address: str
    answers: dict[str, tuple[int, bytes, dict[str, str]]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> str:
        self.answers[path] = status, body, {k.replace("_", "-"): v for k, v in headers.items()}
        return f"{self.address}{path}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _agent in self.requests if path != "/robots.txt"]


@pytest.fixture
def host(monkeypatch, settings, tmp_path) -> Iterator[Host]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.requests.append((self.path, self.headers["User-Agent"]))
            status, body, headers = host.answers.get(self.path, (404, b"", {}))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    settings.POSTER_DIR = tmp_path / "posters"
    monkeypatch.setattr(
        public_network, "is_public", lambda address: address == "127.0.0.1" or is_public(address)
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        host = Host(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield host
        server.shutdown()


@pytest.fixture
def downloader() -> Downloader:
    return Downloader("Test", pause_s=0.001)


@pytest.fixture
def fetch() -> Callable[..., str]:
    def run(*options: str) -> str:
        output = io.StringIO()
        arguments = ("--contact", "mailto:me@example.com", "--pause", "0.001", *options)
        call_command("fetch_posters", *arguments, stdout=output)
        return output.getvalue()

    return run


def test_a_fetched_poster_is_shrunk_kept_and_shown(host, fetch, client, make_movies):
    make_movies(1, poster_url=host.answer("/a.jpg", picture()))
    assert "1 good, 0 dead" in fetch()
    address = Movie.objects.get().poster
    assert re.fullmatch(r"/movies/movie-1-1951/poster-[0-9a-f]{32}\.webp", address)
    response = client.get(address)
    kept = Image.open(io.BytesIO(response.getvalue()))
    assert (kept.format, kept.size) == ("WEBP", (600, 900))
    assert "immutable" in response["Cache-Control"]


def test_a_second_run_fetches_nothing_again(host, fetch, make_movies):
    make_movies(1, poster_url=host.answer("/a.jpg", picture()))
    make_movies(1, poster_url=f"{host.address}/dead.jpg")
    fetch()
    assert fetch() == "0 good, 0 dead, 0 to try again, 0 skipped.\n"
    assert sorted(host.paths) == ["/a.jpg", "/dead.jpg"]


def test_an_interrupted_run_continues_where_it_stopped(host, fetch, make_movies):
    for path in ("/a.jpg", "/b.jpg"):
        make_movies(1, poster_url=host.answer(path, picture()))
    fetch("--limit", "1")
    fetch()
    assert host.paths == ["/a.jpg", "/b.jpg"]


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b""), (200, b"<html>gone</html>"), (200, picture(1, 1)), (200, picture()[:800])],
    ids=["not found", "not a picture", "tracking pixel", "incomplete"],
)
def test_a_dead_address_is_remembered_and_its_poster_drawn(host, fetch, make_movies, status, body):
    make_movies(1, poster_url=host.answer("/a.jpg", body, status))
    assert "0 good, 1 dead" in fetch()
    movie = Movie.objects.get()
    assert movie.poster == movie.drawn_poster
    assert movie.poster_problem


def test_a_failing_address_is_dead_after_three_runs(host, fetch, settings, make_movies):
    settings.POSTER_HOSTS = ["https:"]
    make_movies(1, poster_url=host.answer("/a.jpg", status=500))
    assert ["1 to try again" in fetch() for _ in range(3)] == [True, True, False]
    assert Movie.objects.get().poster_failures == 3


def test_a_new_address_is_not_dead(host, fetch, make_movies):
    make_movies(1, poster_url=f"{host.address}/dead.jpg")
    fetch()
    Movie.objects.update(poster_url="https://upload.wikimedia.org/new.jpg")
    assert Movie.objects.get().poster == "https://upload.wikimedia.org/new.jpg"


def test_a_removed_address_removes_the_kept_poster(host, fetch, make_movies):
    make_movies(1, poster_url=host.answer("/a.jpg", picture()))
    fetch()
    Movie.objects.update(poster_url="")
    movie = Movie.objects.get()
    assert movie.poster == movie.drawn_poster


def test_checking_keeps_no_poster(host, fetch, settings, make_movies):
    make_movies(1, poster_url=host.answer("/a.jpg", picture()))
    assert "1 good" in fetch("--check")
    assert "0 good" in fetch("--check")
    assert list(settings.POSTER_DIR.rglob("*.webp")) == []
    assert "1 good" in fetch()


def test_a_dead_address_is_fetched_again_on_demand(host, fetch, make_movies):
    make_movies(1, poster_url=f"{host.address}/a.jpg")
    fetch()
    host.answer("/a.jpg", picture())
    assert "1 good" in fetch("--again")


def test_a_kept_poster_whose_file_is_gone_is_drawn(client, movie):
    response = client.get(f"/movies/{movie.slug}/poster-{'0' * 32}.webp")
    assert response.headers["Location"] == movie.drawn_poster


def test_hosts_learn_who_fetches(host, fetch, make_movies):
    make_movies(1, poster_url=f"{host.address}/a.jpg")
    fetch()
    assert {agent for _path, agent in host.requests} == {
        "RottenPotatoes/1.0 (mailto:me@example.com)"
    }


def test_nothing_is_fetched_without_a_contact(settings):
    settings.SECURITY_CONTACT = ""
    with pytest.raises(CommandError, match="--contact"):
        call_command("fetch_posters", "--contact", "")


def test_only_one_process_fetches(host, fetch, settings):
    with exclusive(settings.POSTER_DIR / ".lock"), pytest.raises(CommandError, match="Another"):
        fetch()


def test_a_host_that_is_down_is_skipped_after_five_failures(host, fetch, make_movies):
    host.answer("/a.jpg", status=500)
    make_movies(9, poster_url=f"{host.address}/a.jpg")
    assert "5 to try again, 4 skipped" in fetch()


def test_a_busy_host_gets_the_pause_it_asks_for(host):
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        now[0] += seconds
        if seconds > 20:
            host.answer("/a.jpg", b"data")

    now = [0.0]
    host.answer("/a.jpg", status=429, Retry_After="30")
    downloader = Downloader("Test", sleep=sleep, clock=lambda: now[0])
    assert downloader.get(f"{host.address}/a.jpg") == b"data"
    assert naps == [1, 30]  # after robots.txt, and after the refusal


def test_a_host_that_asks_for_a_long_pause_is_left_alone(host, downloader, fetch, make_movies):
    make_movies(3, poster_url=host.answer("/a.jpg", status=429, Retry_After="3600"))
    with pytest.raises(BusyError, match="3600 s"):
        downloader.get(f"{host.address}/a.jpg")
    host.requests.clear()
    assert "0 dead, 0 to try again, 3 skipped" in fetch()
    assert host.paths == ["/a.jpg"]


def test_robots_txt_is_respected(host, downloader):
    host.answer("/robots.txt", b"User-agent: *\nDisallow: /private/")
    with pytest.raises(DownloadError, match="robots"):
        downloader.get(host.answer("/private/a.jpg", b"data"))
    assert downloader.get(host.answer("/a.jpg", b"data")) == b"data"


def test_redirects_are_followed(host, downloader):
    host.answer("/new.jpg", b"data")
    assert downloader.get(host.answer("/old.jpg", status=302, Location="/new.jpg")) == b"data"


def test_endless_redirects_end(host, downloader):
    with pytest.raises(GoneError, match="redirects"):
        downloader.get(host.answer("/a.jpg", status=302, Location="/a.jpg"))


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/", "http://10.0.0.1/", "file:///etc/passwd"]
)
def test_redirect_to_a_private_address_is_refused(host, downloader, target):
    with pytest.raises(GoneError, match=r"not public|instead of https"):
        downloader.get(host.answer("/a.jpg", status=302, Location=target))


@pytest.mark.parametrize("name", ["posters.example", "localhost"])
def test_name_with_a_private_address_is_refused(monkeypatch, downloader, name):
    def resolve(host, port, **options):
        public, private = ("93.184.216.34", port), ("192.168.0.7", port)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each) for each in (public, private)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", None)  # not even a connection is tried
    with pytest.raises(GoneError, match="not public"):
        downloader.get(f"https://{name}/a.jpg")


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1"),
        *("::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "ff02::1"),
    ],
)
def test_address_of_a_private_network_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2620:0:862:ed1a::2:b", "64:ff9b::5db8:d822"])
def test_address_of_the_internet_is_public(address):
    assert is_public(address)


def test_too_large_a_file_is_not_read_to_its_end(host, downloader, monkeypatch):
    monkeypatch.setattr("movies.posters.download.MAX_BYTES", 1000)
    with pytest.raises(GoneError, match="bytes"):
        downloader.get(host.answer("/a.jpg", b"x" * 2000))


@pytest.mark.parametrize(
    "url", ["https://exa mple/", "https://a..b/", "https://[::1/", "https:///x"]
)
def test_address_that_cannot_be_requested_is_an_error_of_the_address(downloader, url):
    with pytest.raises(DownloadError):
        downloader.get(url)


def test_picture_is_turned_upright_and_its_metadata_are_dropped():
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by 90 degrees
    kept = Image.open(io.BytesIO(shrink(picture(300, 200, exif=exif))))
    assert kept.size == (200, 300)
    assert not kept.getexif()


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "JPEG"])
def test_small_picture_of_any_kind_keeps_its_size(kind):
    assert Image.open(io.BytesIO(shrink(picture(200, 300, kind)))).size == (200, 300)


def test_huge_picture_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr("movies.posters.pictures.MAX_PIXELS", 1000)
    with pytest.raises(PictureError, match="pixels"):
        shrink(picture(100, 100, "PNG")[:100])


def test_svg_is_no_picture():
    with pytest.raises(PictureError):
        shrink(b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')
