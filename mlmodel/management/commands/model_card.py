from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from mlmodel.lifecycle.model_store import model_store
from mlmodel.management.errors import summarize_errors
from mlmodel.models import Release
from mlmodel.training import model_card


def serving_folder() -> Path:
    champion = Release.objects.champion()
    return model_store().find(champion.checksum) if champion else settings.PRETRAINED_MODEL


class Command(BaseCommand):
    help = "Write the model card of the champion, or of a model folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", type=Path, nargs="?", help="default: the champion's, else the pretrained one"
        )
        parser.add_argument(
            "--output", type=Path, default=settings.BASE_DIR / "docs" / "model-card.md"
        )

    def handle(self, *, folder: Path | None, output: Path, **options) -> None:
        with summarize_errors():
            card = model_card.read_model(folder or serving_folder())
            model_card.write(card, output)
        self.stdout.write(f"{output} describes model {card.checksum[:12]}.")
