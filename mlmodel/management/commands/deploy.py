import time

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, OperationalError, connection

from mlmodel import releases
from mlmodel.failure import in_one_sentence
from mlmodel.models import Promotion, Release
from mlmodel.sentiment.errors import ModelUnavailable, SentimentError


class Command(BaseCommand):
    help = "Bring the database to this version of the code, and its model into service."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wait", type=float, default=60, metavar="SECONDS", help="for the database"
        )
        parser.add_argument(
            "--again", action="store_true", help="the model, too, if it was taken back before"
        )

    def handle(self, *, wait: float, again: bool, **options) -> None:
        try:
            wait_for_database(wait)
            call_command("migrate", interactive=False, verbosity=1, stdout=self.stdout)
            call_command("seed", if_empty=True, stdout=self.stdout)
        except DatabaseError as error:
            raise CommandError(
                f"the database was not migrated: {in_one_sentence(error)}"
            ) from error
        try:
            self.stdout.write(bring_model(again=again))
        except ModelUnavailable as error:
            raise CommandError(f"this version brings no model to serve: {error}") from error
        except (SentimentError, OSError, DatabaseError) as error:
            raise CommandError(in_one_sentence(error)) from error


def wait_for_database(seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            return connection.ensure_connection()
        except OperationalError:
            if time.monotonic() > end:
                raise
        time.sleep(1)


def bring_model(*, again: bool) -> str:
    """Make the model that the code brings the champion; one that was taken back stays so."""
    shipped = releases.adopt(settings.PRETRAINED_MODEL)
    champion = Release.objects.champion()
    if champion == shipped:
        return f"{shipped} is the champion already."
    if not again and Promotion.objects.filter(release=shipped).exists():
        return f"{champion} stays champion; {shipped} was champion before (--again pins it)."
    reason = f"came with {settings.IMAGE_TAG or 'the code'}"
    releases.promote(shipped.version, by_name="deploy", reason=reason)
    return f"{shipped} is the champion now."
