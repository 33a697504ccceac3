import io
import json
import logging
import logging.config
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
from observability.logstash import handler_config


@pytest.fixture
def keep_logging():
    """Restore the global configuration afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield root
    root.handlers[:], root.level = before
    logging.captureWarnings(False)


def make_record(*args, **extra):
    logger = logging.getLogger("rottenpotatoes.test")
    arguments = args or ("so",)
    return logger.makeRecord(
        logger.name, logging.INFO, "", 0, "It is %s", arguments, None, extra=extra
    )


def test_json_log_has_one_object_per_line():
    record = make_record("Two\nlines")
    RequestIdFilter().filter(record)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    entry = json.loads(line)
    assert (entry["message"], entry["level"]) == ("It is Two\nlines", "INFO")
    assert (entry["event_type"], entry["logger"]) == ("LOG", "rottenpotatoes.test")


def test_readable_log_shows_extra_fields():
    assert ReadableFormatter().format(make_record(movie_id=7)).endswith("It is so movie_id=7")


def test_warning_of_python_is_logged_as_json_without_its_text(keep_logging, capfd):
    configure({"level": "INFO", "readable": False, "logstash_url": ""})
    warnings.showwarning("secretword: no", UserWarning, "/a/long/way/to/it.py", 7)
    entry = json.loads(capfd.readouterr().err)
    assert (entry["message"], entry["level"]) == ("UserWarning at way/to/it.py:7", "WARNING")


def test_events_are_posted_to_the_path_of_the_logstash_url():
    transport = handler_config("http://logs.example:8080/in")["make_transport"]()
    assert transport.url == "http://logs.example:8080/in"


@pytest.mark.parametrize(
    ("url", "content", "says"),
    [
        ("http://logs.example:8080", "", "needs a LOGSTASH_URL of https://"),
        ("https://logs.example:8443", None, "cannot be read: No such file"),
        ("https://logs.example:8443", "no certificate", "cannot be read"),
    ],
)
def test_ca_file_that_cannot_be_used_is_an_error(tmp_path, url, content, says):
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    with pytest.raises(ImproperlyConfigured, match=f"LOGSTASH_CA_FILE {says}"):
        handler_config(url, ca_file=str(tmp_path / "ca.pem"))


def test_failed_write_to_the_console_is_reported_once_and_without_the_message(capfd):
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    console = Console(Closed())
    for _ in range(3):
        console.handle(make_record("secretword"))
    assert capfd.readouterr().err == "Cannot write a log record: BrokenPipeError\n"


@pytest.mark.parametrize(
    "url", ["logs.example:5000", "http://logs.example", "ftp://a:1", "tcp://:5", "tcp://a:b"]
)
def test_invalid_logstash_url_is_an_error(url):
    with pytest.raises(ImproperlyConfigured, match="LOGSTASH_URL"):
        handler_config(url)
