import io
import json
import logging
import logging.config
import sys
import warnings

import pytest
from django.core.exceptions import ImproperlyConfigured

from observability.logging import (
    Console,
    JsonFormatter,
    ReadableFormatter,
    RequestIdFilter,
    configure,
)
from observability.logstash import logstash_handler


@pytest.fixture
def keep_logging():
    """Configuring is global; put back what stood there."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield root
    root.handlers[:], root.level = before
    logging.captureWarnings(False)


def make_record(*args, **extra):
    logger = logging.getLogger("rottenpotatoes.test")
    given = args or ("so",)
    return logger.makeRecord(logger.name, logging.INFO, "", 0, "It is %s", given, None, extra=extra)


def test_production_logs_are_one_json_object_per_line():
    record = make_record("Two\nlines")
    RequestIdFilter().filter(record)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    entry = json.loads(line)
    assert (entry["message"], entry["level"]) == ("It is Two\nlines", "INFO")
    assert (entry["event_type"], entry["logger"]) == ("LOG", "rottenpotatoes.test")


def test_an_exception_is_logged_with_where_it_was_raised():
    record = make_record()
    try:
        raise ValueError("a review's words")
    except ValueError:
        record.exc_info = sys.exc_info()
    entry = json.loads(JsonFormatter().format(record))
    assert (entry["error_type"], "test_logging.py" in entry["traceback"]) == ("ValueError", True)
    assert "words" not in str(entry)


def test_readable_logs_show_the_fields():
    assert ReadableFormatter().format(make_record(movie_id=7)).endswith("It is so movie_id=7")


def test_in_production_a_warning_is_json_too_and_without_its_words(keep_logging, capfd):
    configure({"level": "INFO", "readable": False, "logstash_url": ""})
    warnings.showwarning("secretword: no", UserWarning, "/a/long/way/to/it.py", 7)
    entry = json.loads(capfd.readouterr().err)
    assert (entry["message"], entry["level"]) == ("UserWarning at way/to/it.py:7", "WARNING")


@pytest.mark.parametrize("readable", [True, False])
def test_logging_is_configured_for_the_console(keep_logging, readable):
    configure({"level": "WARNING", "readable": readable, "logstash_url": ""})
    [handler] = [h for h in keep_logging.handlers if type(h) is Console]
    assert isinstance(handler.formatter, ReadableFormatter if readable else JsonFormatter)
    assert keep_logging.level == logging.WARNING


def test_logstash_is_added_where_there_is_one(keep_logging):
    configure({"level": "INFO", "readable": True, "logstash_url": "http://logs.example:8080"})
    [handler] = [h for h in keep_logging.handlers if "Logstash" in type(h).__name__]
    assert isinstance(handler.formatter, JsonFormatter)


@pytest.mark.parametrize(
    ("url", "transport", "is_tls"),
    [
        ("http://logs.example:8080", "HttpLines", False),
        ("https://logs.example:8443", "HttpLines", True),
        ("tcp://logs.example:5000", "TcpLines", False),
    ],
)
def test_logstash_is_reached_as_its_address_says(url, transport, is_tls):
    handler = logstash_handler(url)
    assert handler["transport"].endswith(transport)
    assert handler["ssl_enable"] is is_tls


def test_an_ipv6_address_is_written_as_a_url_has_it():
    handler = logging.config.DictConfigurator({}).configure_handler(
        logstash_handler("http://[::1]:8971")
    )
    assert handler._transport.url == "http://[::1]:8971/"


@pytest.mark.parametrize(
    ("url", "content", "says"),
    [
        ("http://logs.example:8080", "", "needs a LOGSTASH_URL of https://"),
        ("https://logs.example:8443", None, "cannot be read: No such file"),
        ("https://logs.example:8443", "no certificate", "cannot be read"),
    ],
)
def test_a_file_of_authorities_that_is_of_no_use_stops_the_start(tmp_path, url, content, says):
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    with pytest.raises(ImproperlyConfigured, match=f"LOGSTASH_CA_FILE {says}"):
        logstash_handler(url, ca_file=str(tmp_path / "ca.pem"))


def test_a_line_that_cannot_be_written_is_told_once_and_without_its_words(capfd):
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    console = Console(Closed())
    for _ in range(3):
        console.handle(make_record("secretword"))
    assert capfd.readouterr().err == "A line of the log was not written: BrokenPipeError\n"


@pytest.mark.parametrize(
    "url", ["logs.example:5000", "http://logs.example", "ftp://a:1", "tcp://:5", "tcp://a:b"]
)
def test_an_address_that_is_none_stops_the_start(url):
    with pytest.raises(ImproperlyConfigured, match="LOGSTASH_URL"):
        logstash_handler(url)
