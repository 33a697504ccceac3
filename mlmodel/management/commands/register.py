from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from mlmodel.management.errors import stoppable, summarize_errors
from mlmodel.training.outcome import register_kept


class Command(BaseCommand):
    help = "Register a training whose registration failed, from the folder that `train` named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder, **options) -> None:
        with summarize_errors(), stoppable(lambda: f"stopped; {folder} is kept"):
            release = register_kept(folder, self.progress)
        self.stdout.write(f"Registered as challenger. The next step: gate {release.version}")

    def progress(self, message: str) -> None:
        self.stdout.write(f"  {message}")
