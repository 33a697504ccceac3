import json
import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from observability.events import COMMON, EVENTS, FIELDS


class Command(BaseCommand):
    help = "Print the catalogue of events as docs/events.md, or as Elasticsearch's index template."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--index-template", action="store_true")

    def handle(self, **options: Any) -> None:
        if options["index_template"]:
            self.stdout.write(json.dumps(index_template(), indent=2))
        else:
            self.stdout.write("\n".join(markdown()))


def markdown() -> list[str]:
    lines = [
        "# Events",
        "",
        "An event is one JSON object per line. No event contains a review's text, an address or a",
        "secret. This page is generated from `observability/events.py`; a test compares both:",
        "`manage.py events > docs/events.md`.",
        "",
        f"Every event has {code(COMMON)}.",
        "",
        "| event | message | level | fields |",
        "| --- | --- | --- | --- |",
    ]
    for name, event in EVENTS.items():
        level = "as logged" if name == "LOG" else logging.getLevelName(event.level)
        lines.append(f"| `{name}` | {event.message} | {level} | {code(event.fields)} |")
    lines += ["", "| field | type | meaning |", "| --- | --- | --- |"]
    return lines + [f"| `{name}` | {f.kind} | {f.meaning} |" for name, f in FIELDS.items()]


def code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def index_template() -> dict[str, Any]:
    # Longer values of a keyword are stored, but not indexed.
    types = {"keyword": {"type": "keyword", "ignore_above": 512}}
    properties = {name: types.get(f.kind, {"type": f.kind}) for name, f in FIELDS.items()}
    settings = {
        "number_of_shards": 1,
        "number_of_replicas": 0,
        "index.lifecycle.name": "rotten_potatoes_logs",
        "index.mapping.total_fields.limit": 200,
    }
    # Unknown fields are stored, but not mapped.
    mappings = {"dynamic": False, "properties": properties}
    template = {"settings": settings, "mappings": mappings}
    return {"index_patterns": ["rotten_potatoes_logs-*"], "template": template}
