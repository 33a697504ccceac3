from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from mlmodel.error_summary import summarize
from mlmodel.lifecycle import releases
from mlmodel.lifecycle.promoter import add_promoter_options, promoter_name
from mlmodel.sentiment.errors import SentimentError


class Command(BaseCommand):
    help = "Make the previous champion the champion again; twice goes two champions back."

    def add_arguments(self, parser: CommandParser) -> None:
        add_promoter_options(parser)

    def handle(self, *, reason: str, by: str, **options) -> None:
        try:
            champion = releases.rollback(by_name=promoter_name(by), reason=reason)
        except (SentimentError, OSError, DatabaseError) as error:
            raise CommandError(summarize(error)) from error
        self.stdout.write(f"{champion} is the champion again.")
