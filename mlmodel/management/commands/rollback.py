from django.core.management.base import BaseCommand, CommandParser

from mlmodel.lifecycle import promotions
from mlmodel.management.errors import summarize_errors
from mlmodel.management.options import add_promoter_options, promoter_name


class Command(BaseCommand):
    help = "Make the previous champion the champion again; twice goes two champions back."

    def add_arguments(self, parser: CommandParser) -> None:
        add_promoter_options(parser)

    def handle(self, *, reason: str, by: str, **options) -> None:
        with summarize_errors():
            champion = promotions.rollback(by_name=promoter_name(by), reason=reason)
        self.stdout.write(f"{champion} is the champion again.")
