import time

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, OperationalError, connection

from mlmodel.error_summary import in_one_sentence
from mlmodel.lifecycle import deploy_model
from mlmodel.sentiment.errors import ModelUnavailable, SentimentError


class Command(BaseCommand):
    help = "Bring the database to this version of the code, and its model into service."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wait", type=float, default=60, metavar="SECONDS", help="for the database"
        )
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--again", metavar="BUILD", default="", help="this version comes back in place of BUILD"
        )
        how.add_argument(
            "--undo", metavar="BUILD", default="", help="BUILD failed: the champion as before it"
        )

    def handle(self, *, wait: float, again: str, undo: str, **options) -> None:
        try:
            wait_for_database(wait)
            call_command("migrate", interactive=False, verbosity=1, stdout=self.stdout)
            call_command("seed", if_empty=True, stdout=self.stdout)
        except DatabaseError as error:
            raise CommandError(
                f"the database was not migrated: {in_one_sentence(error)}"
            ) from error
        try:
            brought = bring_model(again, undo)
        except ModelUnavailable as error:
            raise CommandError(f"this version brings no model to serve: {error}") from error
        except (SentimentError, OSError, DatabaseError) as error:
            raise CommandError(in_one_sentence(error)) from error
        self.stdout.write(brought.told)
        # Read by the role that deploys: scripts/smoke_test.py asks whether this is what serves.
        self.stdout.write(
            f"Brought model {brought.shipped.checksum}, champion is {brought.champion.checksum}."
        )


def wait_for_database(seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            return connection.ensure_connection()
        except OperationalError:
            if time.monotonic() > end:
                raise
        time.sleep(1)


def bring_model(again: str, failed: str) -> deploy_model.Brought:
    if again:
        return deploy_model.bring_again(again)
    return deploy_model.undo(failed) if failed else deploy_model.bring()
