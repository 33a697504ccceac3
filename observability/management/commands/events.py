import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from observability.events import as_markdown, index_template


class Command(BaseCommand):
    help = "Print the catalogue of events as docs/events.md, or as Elasticsearch's index template."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--index-template", action="store_true")

    def handle(self, **options: Any) -> None:
        if options["index_template"]:
            self.stdout.write(json.dumps(index_template(), indent=2))
        else:
            self.stdout.write(as_markdown(), ending="")
