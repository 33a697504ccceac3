from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mlmodel.error_summary import summarize
from mlmodel.lifecycle import releases
from mlmodel.sentiment.errors import SentimentError


class Command(BaseCommand):
    help = "Copy the champion's model folder, so that an image can serve it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", type=Path, help="a folder; its contents are replaced")
        parser.add_argument("--release", metavar="VERSION", help="default: the champion")

    def handle(self, *, target: Path, release: str | None, **options) -> None:
        try:
            exported = releases.export(target, version=release)
        except (SentimentError, OSError) as error:
            raise CommandError(summarize(error)) from error
        self.stdout.write(f"{exported} is in {target}.")
