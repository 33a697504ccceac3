from django.core.management.base import BaseCommand

from observability.events import as_markdown


class Command(BaseCommand):
    help = "Print the catalogue of events: docs/events.md."

    def handle(self, **options: object) -> None:
        self.stdout.write(as_markdown(), ending="")
