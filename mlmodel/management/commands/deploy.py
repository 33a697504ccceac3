import json
import time
from dataclasses import asdict
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, OperationalError, connection

from mlmodel.error_summary import summarize
from mlmodel.lifecycle import champion_alias, deploy_model, mlflow_registry
from mlmodel.management.errors import summarize_errors
from mlmodel.sentiment.errors import ModelUnavailable


class Command(BaseCommand):
    help = "Migrate the database to this version of the code and put its model into service."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wait",
            type=float,
            default=60,
            metavar="SECONDS",
            help="how long to wait for the database",
        )
        parser.add_argument(
            "--result-file",
            type=Path,
            metavar="FILE",
            help="write the checksums of the build's model and of the champion here, as JSON",
        )
        # --again and --undo are the former names; releases on servers may still use them.
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--rolled-back-from",
            "--again",
            metavar="BUILD",
            default="",
            help="this version replaces BUILD in a rollback",
        )
        how.add_argument(
            "--revert",
            "--undo",
            metavar="BUILD",
            default="",
            help="BUILD failed: restore the champion that it replaced",
        )

    def handle(
        self,
        *,
        wait: float,
        result_file: Path | None,
        rolled_back_from: str,
        revert: str,
        **options,
    ) -> None:
        try:
            wait_for_database(wait)
            call_command("migrate", interactive=False, verbosity=1, stdout=self.stdout)
            call_command("seed", if_empty=True, stdout=self.stdout)
        except DatabaseError as error:
            raise CommandError(f"the database was not migrated: {summarize(error)}") from error
        if message := mlflow_registry.upgrade_store():
            self.stdout.write(message)
        with summarize_errors():
            try:
                outcome = adopt_model(rolled_back_from, revert)
            except ModelUnavailable as error:
                raise CommandError(f"this version contains no model to serve: {error}") from error
            self.stdout.write(outcome.message)
            champion_alias.announce()
            if result_file:
                result_file.write_text(json.dumps(asdict(outcome)), encoding="utf-8")


def wait_for_database(seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            return connection.ensure_connection()
        except OperationalError:
            if time.monotonic() > end:
                raise
        time.sleep(1)


def adopt_model(rolled_back_from: str, revert: str) -> deploy_model.DeployOutcome:
    if rolled_back_from:
        return deploy_model.adopt_on_rollback(rolled_back_from)
    return deploy_model.revert(revert) if revert else deploy_model.adopt_on_deploy()
