from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from mlmodel.lifecycle import releases
from mlmodel.management.errors import summarize_errors


class Command(BaseCommand):
    help = "Copy the champion's model folder, so that an image can serve it, or MLflow elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", type=Path, help="a folder; its contents are replaced")
        parser.add_argument("--release", metavar="VERSION", help="default: the champion")

    def handle(self, *, target: Path, release: str | None, **options) -> None:
        with summarize_errors():
            exported = releases.export(target, version=release)
        self.stdout.write(f"{exported} is in {target}.")
