"""What the site tells, through Logstash's pipelines, into the indices of Elasticsearch."""

import json
import logging
import re
import time
from datetime import datetime

import pytest
import yaml
from django.conf import settings

from observability import events
from observability.events import EVENTS, FIELDS
from observability.logging import JsonFormatter
from tests.logstash import Logstash

FOLDER = settings.BASE_DIR / "k8s" / "logging"
MAIN = Logstash(FOLDER / "logstash/pipeline.conf")
REJECTED = Logstash(FOLDER / "logstash/rejected.conf")
PIPELINES = yaml.safe_load((FOLDER / "logstash/pipelines.yml").read_text())
SAMPLES = {"keyword": "word", "text": "some words", "boolean": False, "integer": 7, "float": 1}
OURS = {"event_id": "a-1", "event_type": "REQUEST", "@timestamp": "2026-02-03T23:59:59.999Z"}


@pytest.fixture
def told():
    """The lines that the site's own formatter writes."""
    lines = []
    handler = logging.Handler()
    handler.setFormatter(JsonFormatter())
    handler.emit = lambda record: lines.append(handler.format(record))
    logger = logging.getLogger("observability")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(level)


def tell_everything():
    for name, event in EVENTS.items():
        if name not in ("LOG", "ERROR"):  # these are lines of the log
            with events.at_once(time.time()), events.named("request-1"):
                events.emit(name, **{field: SAMPLES[FIELDS[field].kind] for field in event.fields})
    logger = logging.getLogger("observability.tests")
    logger.info("something")
    try:
        raise ValueError("secret")
    except ValueError:
        logger.exception("it broke")


def fields_of(template):
    told = json.loads((FOLDER / "setup" / template).read_text())
    return told["template"]["mappings"]["properties"]


FITS = {
    "date": lambda value: datetime.fromisoformat(value).tzinfo is not None,
    "keyword": lambda value: isinstance(value, str),
    "text": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: type(value) is int,
    "float": lambda value: type(value) is float,
}


@pytest.mark.parametrize("way", ["http", "tcp"])
def test_what_the_site_tells_arrives_with_its_fields_and_no_other(told, way):
    tell_everything()
    sent = [json.loads(line) for line in told]
    assert {event["event_type"] for event in sent} == EVENTS.keys()
    documents = (
        MAIN.post(f"[{','.join(told)}]") if way == "http" else MAIN.send("\n".join(told) + "\n")
    )
    assert [document.source for document in documents] == sent
    assert [document.id for document in documents] == [event["event_id"] for event in sent]
    assert len({document.id for document in documents}) == len(sent)


def test_every_field_has_the_type_that_its_index_has(told):
    tell_everything()
    known = fields_of("index-template.json")
    assert known.keys() - {"tags"} == FIELDS.keys()
    for document in MAIN.post(f"[{','.join(told)}]"):
        for field, value in document.source.items():
            assert FITS[known[field]["type"]](value), field


def test_an_event_lands_in_the_index_of_its_day():
    [document] = MAIN.post(json.dumps(OURS))
    assert document.index == "rotten_potatoes_logs-2026.02.03"
    [late] = MAIN.post(json.dumps(OURS | {"@timestamp": "2026-02-04T01:30:00+02:00"}))
    assert late.index == "rotten_potatoes_logs-2026.02.03"


def test_an_event_that_comes_twice_is_the_same_document():
    [first, again] = MAIN.post(json.dumps([OURS, OURS]))
    assert (first.index, first.id) == (again.index, again.id)


def test_a_number_in_quotes_becomes_one():
    given = {"status": "404", "latency_ms": "1.5", "movie_id": None, "passed": "true"}
    [document] = MAIN.post(json.dumps(OURS | given))
    wanted = {"status": 404, "latency_ms": 1.5, "movie_id": None, "passed": True}
    assert document.source == OURS | wanted


def test_every_number_and_truth_of_the_catalogue_is_converted():
    text = (FOLDER / "logstash/pipeline.conf").read_text()
    converted = dict(re.findall(r'"(\w+)" => "(integer|float|boolean)"', text))
    kinds = {name: field.kind for name, field in FIELDS.items()}
    assert converted == {n: k for n, k in kinds.items() if k in ("integer", "float", "boolean")}


@pytest.mark.parametrize(
    ("line", "because"),
    [
        ("GET / HTTP/1.1", "It is no JSON."),
        ('{"event_id": "a-1", "event_', "It is no JSON."),
        ('"a word"', "It is no JSON."),
        ('{"message": "hello"}', "It has no event_id"),
        ('{"event_id": "a-1", "message": "hello"}', "no event of the site."),
        (json.dumps(OURS | {"@timestamp": "yesterday"}), "Its @timestamp is no time."),
        (json.dumps(OURS | {"@timestamp": 1770000000}), "Its @timestamp is no time."),
        (json.dumps(OURS | {"latency_ms": "slow"}), "A number in it is none."),
    ],
)
@pytest.mark.parametrize("way", [MAIN.post, MAIN.send])
def test_what_is_no_event_of_the_site_is_kept_apart_and_told_why(way, line, because):
    [document] = way(line)
    assert document.index.startswith("rotten_potatoes_rejected-2")
    assert because in document.source["rejected_because"]
    assert not {"host", "port", "headers"} & document.source.keys()


def test_what_nobody_can_read_is_kept_up_to_ten_thousand_bytes():
    [document] = MAIN.send("é" * 20_000)
    assert document.source["message"] == "é" * 5_000


def test_one_bad_line_takes_no_good_one_with_it():
    documents = MAIN.send(f"{json.dumps(OURS)}\n\nwhat?\n{json.dumps(OURS)}\n")
    kinds = [document.index.split("-")[0] for document in documents]
    assert kinds == ["rotten_potatoes_logs", "rotten_potatoes_rejected", "rotten_potatoes_logs"]


def test_what_elasticsearch_refuses_is_kept_with_its_words():
    refused = OURS | {"movie_title": {"de": "Fliege"}}
    [document] = REJECTED.bury(refused, "failed to parse field [movie_title]")
    assert document.index == "rotten_potatoes_rejected-2026.02.03"
    assert document.id is None
    assert document.source["rejected_because"] == "failed to parse field [movie_title]"
    assert refused.items() <= document.source.items()


def test_the_index_of_the_rejected_reads_only_what_is_surely_readable():
    told = json.loads((FOLDER / "setup/rejected-template.json").read_text())
    assert told["index_patterns"] == ["rotten_potatoes_rejected-*"]
    assert told["template"]["mappings"]["dynamic"] is False
    # Anything else that it read could be what was refused the first time.
    assert fields_of("rejected-template.json").keys() == {"@timestamp", "rejected_because", "tags"}


def test_every_pipeline_has_its_file():
    files = {pipeline["path.config"].rpartition("/")[2] for pipeline in PIPELINES}
    assert files == {path.name for path in (FOLDER / "logstash").glob("*.conf")}


def test_a_receipt_is_for_what_is_on_disk_and_no_dead_letter_begets_another():
    main, rejected = PIPELINES
    assert (main["pipeline.id"], main["queue.type"]) == ("main", "persisted")
    assert main["dead_letter_queue.enable"] is True
    assert rejected["dead_letter_queue.enable"] is False


def test_dead_letters_are_read_from_where_logstash_keeps_them_and_are_then_removed():
    [(name, given)] = REJECTED.sections["input"]
    given = {key: value for key, [value] in given}
    assert name == "dead_letter_queue"
    # The default of Logstash, below the folder that is a volume.
    assert str(given.pop("path")) == "/usr/share/logstash/data/dead_letter_queue"
    assert given == {"pipeline_id": "main", "commit_offsets": True, "clean_consumed": True}


def test_the_inputs_add_their_fields_under_the_names_that_are_taken_away():
    config = yaml.safe_load((FOLDER / "logstash/logstash.yml").read_text())
    assert config["pipeline.ecs_compatibility"] == "disabled"
