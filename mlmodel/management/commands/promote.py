from django.core.management.base import BaseCommand, CommandError, CommandParser

from mlmodel.lifecycle import promotions
from mlmodel.management.errors import summarize_errors
from mlmodel.management.options import add_promoter_options, promoter_name
from mlmodel.models import Release


def promote_version(version: str, **how) -> Release:
    try:
        return promotions.promote(version, **how)
    except promotions.GateRejected as error:
        hint = f"`promote {version} --force --reason WHY` promotes it nevertheless"
        raise CommandError(f"{error}; {hint}", returncode=2) from error


class Command(BaseCommand):
    help = "Make a model version the champion: a new one or an older one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("release", metavar="VERSION", help="as `models` lists it")
        parser.add_argument(
            "--force", action="store_true", help="even if the gate refuses it; needs --reason"
        )
        add_promoter_options(parser)

    def handle(self, *, release: str, force: bool, reason: str, **options) -> None:
        by = promoter_name(options["by"])
        with summarize_errors():
            champion = promote_version(release, by_name=by, force=force, reason=reason)
        self.stdout.write(f"{champion} is the champion now.")
