import json
import logging
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from rottenpotatoes.logging import (
    JsonFormatter,
    ReadableFormatter,
    RequestIdFilter,
    configure,
    log_event,
    logstash_handler,
    request_id,
)


@pytest.fixture
def keep_logging():
    """Configuring is global; put back what stood there."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield root
    root.handlers[:], root.level = before


def make_record(**extra):
    logger = logging.getLogger("test")
    return logger.makeRecord("test", logging.INFO, "", 0, "It is %s", ("so",), None, extra=extra)


def test_an_event_carries_its_fields_and_the_request_id(caplog):
    caplog.set_level(logging.INFO)
    token = request_id.set("abc-12345")
    log_event("PREDICTION", movie_id=7)
    request_id.reset(token)
    [record] = caplog.records
    assert (record.event, record.movie_id, record.request_id) == ("PREDICTION", 7, "abc-12345")


def test_production_logs_are_one_json_object_per_line():
    record = make_record(movie_id=7, title="Two\nlines")
    RequestIdFilter().filter(record)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    entry = json.loads(line)
    assert entry["message"] == "It is so"
    assert (entry["movie_id"], entry["title"], entry["level"]) == (7, "Two\nlines", "INFO")


def test_a_request_object_is_not_logged():
    assert "request" not in json.loads(JsonFormatter().format(make_record(request=object())))


def test_an_exception_is_logged_with_its_traceback():
    record = make_record()
    try:
        raise ValueError("no")
    except ValueError:
        record.exc_info = sys.exc_info()
    assert "ValueError: no" in json.loads(JsonFormatter().format(record))["traceback"]


def test_readable_logs_show_the_fields():
    assert ReadableFormatter().format(make_record(movie_id=7)).endswith("It is so movie_id=7")


@pytest.mark.parametrize("readable", [True, False])
def test_logging_is_configured_for_the_console(keep_logging, readable):
    configure({"level": "WARNING", "readable": readable, "logstash_url": ""})
    [handler] = [h for h in keep_logging.handlers if type(h) is logging.StreamHandler]
    assert isinstance(handler.formatter, ReadableFormatter if readable else JsonFormatter)
    assert keep_logging.level == logging.WARNING


def test_logstash_is_added_where_there_is_one(keep_logging):
    configure({"level": "INFO", "readable": True, "logstash_url": "http://logs.example:8080"})
    [handler] = [h for h in keep_logging.handlers if "Logstash" in type(h).__name__]
    assert isinstance(handler.formatter, JsonFormatter)


@pytest.mark.parametrize(
    ("url", "transport", "is_tls"),
    [
        ("http://logs.example:8080", "HttpTransport", False),
        ("https://logs.example:8443", "HttpTransport", True),
        ("tcp://logs.example:5000", "TcpTransport", False),
    ],
)
def test_logstash_is_reached_as_its_address_says(url, transport, is_tls):
    handler = logstash_handler(url)
    assert handler["transport"].endswith(transport)
    assert handler["ssl_enable"] is is_tls
    assert handler["database_path"] is None


@pytest.mark.parametrize(
    "url", ["logs.example:5000", "http://logs.example", "ftp://a:1", "tcp://:5"]
)
def test_an_address_that_is_none_stops_the_start(url):
    with pytest.raises(ImproperlyConfigured, match="LOGSTASH_URL"):
        logstash_handler(url)
