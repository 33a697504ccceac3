"""What Logstash 8.17 does with an event, as far as our pipelines go.

Read off the sources of Logstash and its plugins, with ``pipeline.ecs_compatibility: disabled``.
A plugin or an option that is not here is an error: nothing is passed over in silence.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from logstash_pipeline_parser import Pipeline

Event = dict[str, Any]
NO_EFFECT = {"hosts", "manage_template", "ilm_enabled", "action"}  # upon what a document is


class Document(NamedTuple):
    index: str
    id: str | None
    source: Event


class Logstash:
    def __init__(self, path) -> None:
        self.sections = dict(Pipeline.from_file(path).parse())

    def post(self, body: str) -> list[Document]:
        """To the http input, by 10.0.0.7."""
        headers = {"content_type": "application/json", "http_host": "logstash:8080"}
        events = codec(self._input("http")["codec"], body)
        return self._through(event | {"headers": headers, "host": "10.0.0.7"} for event in events)

    def send(self, stream: str) -> list[Document]:
        """To the tcp input, from the same."""
        events = codec(self._input("tcp")["codec"], stream)
        return self._through({"host": "10.0.0.7", "port": 40312} | event for event in events)

    def bury(self, source: Event, reason: str) -> list[Document]:
        """To the dead_letter_queue input, with Elasticsearch's answer."""
        letter = {"plugin_type": "elasticsearch", "reason": reason}
        event = new_event({**source, "@metadata": {"dead_letter_queue": letter}})
        assert self._input("dead_letter_queue")["pipeline_id"] == "main"
        return self._through([event])

    def _input(self, name: str) -> dict[str, Any]:
        return options(dict(self.sections["input"])[name])

    def _through(self, events) -> list[Document]:
        documents = []
        for event in events:
            for name, given in chosen(self.sections["filter"], event):
                FILTERS[name](event, options(given))
            for name, given in chosen(self.sections["output"], event):
                assert name == "elasticsearch"
                documents.append(document(event, options(given)))
        return documents


def codec(name: str, text: str) -> list[Event]:
    if name == "json":
        return decode(text)
    assert name == "json_lines"
    return [event for line in text.splitlines() for event in decode(line)]


def decode(text: str) -> list[Event]:
    if not text.strip():
        return []
    try:
        found = json.loads(text)
        found = found if isinstance(found, list) else [found]
        return [new_event({**each}) for each in found]
    except (ValueError, TypeError):  # no JSON, or no object in it
        return [new_event({"message": text, "tags": ["_jsonparsefailure"]})]


def new_event(data: Event) -> Event:
    """With a time and a version, as every event; what is no time is told by a tag."""
    told = data.get("@timestamp")
    try:
        at = datetime.fromisoformat(told) if told is not None else datetime.now(UTC)
    except (ValueError, TypeError):
        data = data | {"_@timestamp": told}
        tag(data, "_timestampparsefailure")
        at = datetime.now(UTC)
    at = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"@version": "1"} | data | {"@timestamp": at}


def tag(event: Event, name: str) -> None:
    event["tags"] = [*event.get("tags", []), name]


def options(given: list) -> dict[str, Any]:
    return {name: plain(value) for name, value in given}


def plain(value: Any) -> Any:
    """The parser's [[name, [value]], ...] as a dict, its [value] as a value."""
    while isinstance(value, list) and len(value) == 1 and not isinstance(value[0], str):
        value = value[0]
    if isinstance(value, list) and all(isinstance(each, list) for each in value):
        return {name: plain(each) for name, each in value}
    if isinstance(value, list) and len(value) == 2 and isinstance(value[1], list):
        return {value[0]: plain(value[1])}
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    return value


def chosen(steps: list, event: Event) -> Iterator[tuple[str, list]]:
    """The plugins that this event comes to, one after the other."""
    is_done = False
    for name, inside in steps:
        if name not in ("if", "else if", "else"):
            yield name, inside
            continue
        *condition, block = inside if name != "else" else [[inside]]
        is_done = is_done and name != "if"
        if not is_done and (name == "else" or truth(condition, event)):
            is_done = True
            yield from chosen(block[0], event)


def truth(words: list, event: Event) -> bool:
    if "or" in words:
        at = words.index("or")
        return truth(words[:at], event) or truth(words[at + 1 :], event)
    match words:
        case [list(inner)]:
            return truth(inner, event)
        case ["!", field]:
            return not value_of(event, field)
        case [needle, "in", field]:
            return needle in (value_of(event, field) or [])
        case [str(field)]:
            return bool(value_of(event, field))
    raise NotImplementedError(words)


def value_of(event: Event, field: str) -> Any:
    value: Any = event
    for key in re.findall(r"\[([^\]]+)\]", field) or [field]:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def sprintf(template: str, event: Event) -> str:
    def fill(found: re.Match) -> str:
        if found[1].startswith("+"):
            at = datetime.fromisoformat(event["@timestamp"])
            assert found[1] == "+YYYY.MM.dd"
            return at.strftime("%Y.%m.%d")
        value = value_of(event, found[1])
        return found[0] if value is None else str(value)

    return re.sub(r"%\{([^}]+)\}", fill, template)


def mutate(event: Event, given: dict[str, Any]) -> None:
    assert given.keys() <= {"replace", "convert", "remove_field"}
    try:
        for field, template in given.get("replace", {}).items():
            event[field] = sprintf(template, event)
        for field, kind in given.get("convert", {}).items():
            if field in event:
                event[field] = convert(event[field], kind)
    except (ValueError, TypeError):
        tag(event, "_mutate_error")
        return
    for field in given.get("remove_field", []):
        event.pop(field, None)


def convert(value: Any, kind: str) -> Any:
    if value is None or isinstance(value, dict):
        return value
    if isinstance(value, list):
        return [convert(each, kind) for each in value]
    if kind == "boolean":
        word = str(value).lower()
        yes, no = ("true", "t", "yes", "y", "1", "1.0"), ("false", "f", "no", "n", "0", "0.0", "")
        return True if word in yes else False if word in no else value
    if kind == "float":
        return float(value.replace(",", "") if isinstance(value, str) else value)
    assert kind == "integer"
    if isinstance(value, str):  # Ruby's to_i: as far as digits go
        return int((re.match(r"[+-]?\d+", value.strip().replace(",", "")) or ["0"])[0])
    return int(value)


def truncate(event: Event, given: dict[str, Any]) -> None:
    for field in [given["fields"]] if isinstance(given["fields"], str) else given["fields"]:
        cut = event[field].encode()[: given["length_bytes"]]
        event[field] = cut.decode(errors="ignore")


FILTERS = {"mutate": mutate, "truncate": truncate}


def document(event: Event, given: dict[str, Any]) -> Document:
    assert given.keys() - NO_EFFECT <= {"index", "document_id"}
    name = sprintf(given["document_id"], event) if "document_id" in given else None
    source = {field: value for field, value in event.items() if field != "@metadata"}
    return Document(sprintf(given["index"], event), name, source)
