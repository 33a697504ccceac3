"""What the short way answers is what the ordinary view would; the rest it leaves to that view."""

import json

import pytest
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from rest_framework.throttling import ScopedRateThrottle

from mlmodel.api import PredictView
from mlmodel.serving.fast_path import ADDRESS, MAX_FRONTS, ShortWay
from observability.logging import as_event

# Each request begins with a look at open connections, which another test may have left.
pytestmark = pytest.mark.django_db
JSON = "application/json"
# What may differ between visitors, and is of use where a page is kept.
OF_THE_VISITOR = {"Vary", "Content-Language", "X-Request-ID"}


class WsgiClient(Client):
    """Asks a WSGI application, where Django's own client begins behind it."""

    def __init__(self, application):
        super().__init__()
        self.application = application

    def request(self, **request):
        response = HttpResponse()

        def start_response(status, headers, *exc_info):
            response.status_code = int(status.split()[0])
            response.headers = dict(headers)

        answer = self.application(self._base_environ(**request), start_response)
        response.content = b"".join(answer)
        response.json = lambda: json.loads(response.content)
        return response


@pytest.fixture
def short_way():
    return ShortWay(get_wsgi_application())


@pytest.fixture
def client(short_way):
    """A client of a site that has answered before, so that the short way is open."""
    client = WsgiClient(short_way)
    assert post(client, {"text": "Good."}).status_code == 200
    cache.clear()
    return client


def post(client, body, address=ADDRESS, content_type=JSON, **headers):
    return client.post(address, body, content_type=content_type, headers=headers)


@pytest.fixture
def ordinary(monkeypatch):
    """The requests that reached the ordinary view."""
    reached, before = [], PredictView.dispatch

    def dispatch(self, request, *args, **kwargs):
        reached.append(request)
        return before(self, request, *args, **kwargs)

    monkeypatch.setattr(PredictView, "dispatch", dispatch)
    return reached


def test_it_stands_at_the_address_of_the_view():
    assert reverse("predict") == ADDRESS


@pytest.mark.parametrize("text", ["Good.", "a bad one", "zzz", 'Déjà vu 🍿 "quoted" <b>', "\n a"])
def test_both_ways_give_the_same_answer(client, ordinary, text):
    short = post(client, {"text": text})
    assert not ordinary
    long = post(client, {"text": text}, f"{ADDRESS}?the=ordinary")
    assert ordinary
    assert short.content == long.content
    assert short.status_code == long.status_code == 200
    assert headers_of(short) == headers_of(long)


def headers_of(response):
    return {name: value for name, value in response.items() if name not in OF_THE_VISITOR}


def test_the_answer_has_a_request_id(client):
    answer = post(client, {"text": "Good."}, **{"x-request-id": "edge-1234"})
    assert answer["X-Request-ID"] == "edge-1234"


def test_both_ways_tell_the_same(client, ordinary, caplog):
    caplog.set_level("INFO")
    for address in (ADDRESS, f"{ADDRESS}?the=ordinary"):
        post(client, {"text": "a bad secretword"}, address, **{"x-request-id": "edge-1234"})
    short, long = told(caplog)[:2], told(caplog)[2:]
    assert len(ordinary) == 1
    assert [event["event_type"] for event in short] == ["PREDICTION", "REQUEST"]
    for event in (*short, *long):
        own = [event.pop(name) for name in ("event_id", "@timestamp", "latency_ms")]
        assert all(own)
    assert short == long
    assert "secretword" not in json.dumps(short)


def told(caplog):
    return [as_event(record) for record in caplog.records]


@pytest.mark.parametrize("accept", ["*/*", JSON, "application/json, text/plain, */*"])
def test_usual_clients_go_the_short_way(client, ordinary, accept):
    assert post(client, {"text": "Good."}, accept=accept).status_code == 200
    assert not ordinary


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ('{"texts": ["Good."]}', {}),
        ('{"text": "Good.", "more": 1}', {}),
        ('{"text": ""}', {}),
        ('{"text": 5}', {}),
        ('{"text": "half \\ud800"}', {}),
        ('{"text": NaN}', {}),
        ('["Good."]', {}),
        ("{", {}),
        ("[" * 50_000, {}),
        (b'{"text": "\xff"}', {}),
        ('{"text": "Good."}'.encode("utf-16"), {}),
        ('{"text": "Good.", "text": 5}', {}),
        ('{"text": "%s"}' % ("a" * 100_000), {}),
        ('{"text": "Good."}', {"accept": "text/html"}),
        ('{"text": "Good."}', {"accept": "application/json; indent=4"}),
        ('{"text": "Good."}', {"content_type": "text/plain"}),
        ('{"text": "Good."}', {"content_type": "application/json; charset=latin-1"}),
    ],
)
def test_whatever_is_unusual_goes_the_ordinary_way(client, ordinary, body, headers):
    post(client, body, **headers)
    assert len(ordinary) == 1


def test_another_method_goes_the_ordinary_way(client, ordinary):
    assert client.options(ADDRESS).status_code == 200
    assert client.put(ADDRESS, {"text": "Good."}, JSON).status_code == 405
    assert len(ordinary) == 2


def test_both_ways_count_for_one_limit(client, monkeypatch):
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "predict", "2/min")
    addresses = [ADDRESS, f"{ADDRESS}?the=ordinary", ADDRESS]
    answers = [post(client, {"text": "Good."}, address) for address in addresses]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_request_is_counted_once(client, monkeypatch):
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "predict", "3/min")
    answers = [post(client, {"text": "Good."}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


def test_a_host_that_is_not_ours_is_refused(client, settings):
    settings.ALLOWED_HOSTS = ["example.com"]
    post(client, {"text": "Good."}, host="evil.example")
    answer = post(client, {"text": "Good."}, host="evil.example")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_a_scorer_that_breaks_is_an_error_of_ours(client, broken_scorer):
    answer = post(client, {"text": "Good."})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "server_error")


def test_over_https_the_answer_says_to_stay_there(settings, ordinary):
    settings.SECURE_HSTS_SECONDS = 60
    client = WsgiClient(ShortWay(get_wsgi_application()))
    for _ in range(2):
        answer = client.post(ADDRESS, {"text": "Good."}, content_type=JSON, secure=True)
        assert answer["Strict-Transport-Security"] == "max-age=60"
    assert len(ordinary) == 1


def test_what_http_learnt_is_not_said_over_https(client, ordinary):
    client.post(ADDRESS, {"text": "Good."}, content_type=JSON, secure=True)
    assert len(ordinary) == 1


def test_made_up_hosts_do_not_fill_the_memory(client, short_way, settings):
    settings.ALLOWED_HOSTS = ["*"]
    for i in range(MAX_FRONTS + 5):
        post(client, {"text": "Good."}, host=f"host{i}.example")
    assert len(short_way._headers) == MAX_FRONTS


def test_an_answer_that_is_no_success_teaches_nothing(short_way, ordinary, broken_scorer):
    client = WsgiClient(short_way)
    assert [post(client, {"text": "Good."}).status_code for _ in range(2)] == [500, 500]
    assert not short_way._headers
